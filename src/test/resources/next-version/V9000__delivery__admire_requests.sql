-- What a next version might add, for MixedVersionsTests: it only adds, so that replicas of the version before go on.

create table admiration (
    tenant_id      uuid        not null,
    request_number bigint      not null,
    at             timestamptz not null default clock_timestamp(),
    constraint admiration_pk primary key (tenant_id, request_number, at),
    constraint admiration_of_a_tenant foreign key (tenant_id) references tenant (id)
);
comment on table admiration is 'who admires a request; in tests alone';
call protect_tenant_table('admiration', 'select, insert');
