create table access_grant (
    tenant_id       uuid        not null,
    id              uuid        not null,
    number          bigint      not null,
    request_id      uuid        not null,
    request_number  bigint      not null,
    request_version int         not null,
    digest          text        not null,
    ask             text        not null,
    cluster_id      uuid        not null,
    cluster_name    text        not null,
    trust_domain    text        not null,
    namespace       text        not null,
    workload        text        not null,
    selector        text        not null,
    requester_id    uuid        not null,
    requester_name  text        not null,
    starts_at       timestamptz not null,
    ends_at         timestamptz,
    constraint access_grant_pk primary key (tenant_id, id),
    constraint access_grant_number_is_unique unique (tenant_id, number),
    constraint access_grant_is_one_for_a_request_and_cluster unique (tenant_id, request_id, cluster_id),
    constraint access_grant_of_an_approved_version foreign key (tenant_id, request_id, request_version) references request_version (tenant_id, request_id, version),
    constraint access_grant_counts_from_one check (number >= 1),
    constraint access_grant_digest_is_sha256 check (digest ~ '^sha256:[0-9a-f]{64}$'),
    constraint access_grant_ask_is_bounded check (octet_length(ask) <= 1048576),
    constraint access_grant_selector_is_bounded check (octet_length(selector) <= 65536),
    constraint access_grant_ends_after_it_starts check (ends_at > starts_at)
);
create index access_grant_by_cluster on access_grant (tenant_id, cluster_id, namespace, workload, number);
create index access_grant_by_request on access_grant (tenant_id, request_number);
create index access_grant_by_requester on access_grant (tenant_id, requester_id, number);
create index access_grant_by_end on access_grant (tenant_id, ends_at) where ends_at is not null;
comment on table access_grant is 'a promise: what an approved version of a request allows in one cluster, from when until when; written once';
call protect_tenant_table('access_grant', 'select, insert');
-- Locking a row (for update) needs the right to update some column: this one, which row-level security pins to its value.
grant update (tenant_id) on access_grant to ${appRole};

create table grant_end (
    tenant_id  uuid        not null,
    grant_id   uuid        not null,
    state      text        not null,
    at         timestamptz not null,
    actor_kind text        not null,
    actor_id   text        not null,
    actor_name text        not null,
    reason     text        not null,
    constraint grant_end_pk primary key (tenant_id, grant_id),
    constraint grant_end_of_a_grant foreign key (tenant_id, grant_id) references access_grant (tenant_id, id),
    constraint grant_end_state_is_known check (state in ('EXPIRED', 'REVOKED')),
    constraint grant_end_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR')),
    constraint grant_end_reason_is_bounded check (length(reason) between 1 and 4000)
);
comment on table grant_end is 'that a grant ended: once, by whom and why; never taken back';
call protect_tenant_table('grant_end', 'select, insert');

create table workload_baseline (
    tenant_id      uuid        not null,
    cluster_id     uuid        not null,
    namespace      text        not null,
    workload       text        not null,
    selector       text        not null,
    first_grant_id uuid        not null,
    since          timestamptz not null default now(),
    constraint workload_baseline_pk primary key (tenant_id, cluster_id, namespace, workload),
    constraint workload_baseline_from_a_grant foreign key (tenant_id, first_grant_id) references access_grant (tenant_id, id),
    constraint workload_baseline_selector_is_bounded check (octet_length(selector) between 3 and 65536)
);
comment on table workload_baseline is 'workloads that ever had a grant: their policy stays when the last grant ends, or they would be open to everyone';
call protect_tenant_table('workload_baseline', 'select, insert, update');
