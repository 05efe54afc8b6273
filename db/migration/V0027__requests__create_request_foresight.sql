create table request_foresight (
    tenant_id  uuid        not null,
    request_id uuid        not null,
    version    int         not null,
    content    text        not null,
    taken_at   timestamptz not null,
    constraint request_foresight_pk primary key (tenant_id, request_id, version),
    constraint request_foresight_of_a_version foreign key (tenant_id, request_id, version)
        references request_version (tenant_id, request_id, version),
    constraint request_foresight_content_is_bounded check (octet_length(content) between 2 and 524288)
);
comment on table request_foresight is 'what each version would have opened and cut when it was submitted; written once, with the version';
call protect_tenant_table('request_foresight', 'select, insert');
