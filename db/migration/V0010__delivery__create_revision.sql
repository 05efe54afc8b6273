-- What clusters should hold (policy_object, revision) and what became of it (delivery_attempt).

create table policy_object (
    tenant_id         uuid        not null,
    cluster_id        uuid        not null,
    namespace         text        not null,
    name              text        not null,
    workload          text        not null,
    desired_revision  bigint      not null,
    desired_content   bytea       not null,
    applied_revision  bigint,
    applied_at        timestamptz,
    uid               text,
    resource_version  text,
    state             text        not null,
    words             text        not null default '',
    advice            text        not null default '',
    managers          text[]      not null default '{}',
    state_since       timestamptz not null default now(),
    attempts          int         not null default 0,
    drift_rounds      int         not null default 0,
    drifted_at        timestamptz,
    due_at            timestamptz,
    lease_until       timestamptz,
    fence             bigint      not null default 0,
    constraint policy_object_pk primary key (tenant_id, cluster_id, namespace, name),
    constraint policy_object_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint policy_object_state_is_known check (state in ('WAITING', 'APPLYING', 'APPLIED', 'DRIFTED', 'REFUSED', 'UNREACHABLE')),
    constraint policy_object_applied_has_its_facts check ((applied_revision is null) = (applied_at is null) and (applied_revision is null) = (uid is null)),
    constraint policy_object_applied_is_not_ahead check (applied_revision is null or applied_revision <= desired_revision),
    constraint policy_object_content_is_sha256 check (length(desired_content) = 32),
    constraint policy_object_words_are_bounded check (length(words) <= 4000 and length(advice) <= 1000)
);
create index policy_object_due on policy_object (tenant_id, due_at) where due_at is not null;
comment on table policy_object is 'one row for every policy the portal delivers: what is wanted, what the cluster confirmed, and how it stands';
call protect_tenant_table('policy_object', 'select, insert, update');

create table revision (
    tenant_id       uuid        not null,
    cluster_id      uuid        not null,
    namespace       text        not null,
    name            text        not null,
    number          bigint      not null,
    created_at      timestamptz not null default now(),
    content         bytea       not null,
    yaml            text        not null,
    rules           int         not null,
    grant_ids       text[]      not null,
    request_numbers bigint[]    not null,
    constraint revision_pk primary key (tenant_id, cluster_id, namespace, name, number),
    constraint revision_of_an_object foreign key (tenant_id, cluster_id, namespace, name)
        references policy_object (tenant_id, cluster_id, namespace, name),
    constraint revision_counts_from_one check (number >= 1),
    constraint revision_content_is_sha256 check (length(content) = 32),
    constraint revision_yaml_is_bounded check (octet_length(yaml) <= 4194304)
);
create index revision_by_request on revision using gin (request_numbers);
comment on table revision is 'the exact bytes of a policy, with the grants they come from; never changed';
call protect_tenant_table('revision', 'select, insert');

create table delivery_attempt (
    tenant_id  uuid        not null,
    id         uuid        not null default uuidv7(),
    cluster_id uuid        not null,
    namespace  text        not null,
    name       text        not null,
    revision   bigint      not null,
    at         timestamptz not null default now(),
    outcome    text        not null,
    words      text        not null,
    constraint delivery_attempt_pk primary key (tenant_id, id),
    constraint delivery_attempt_of_a_revision foreign key (tenant_id, cluster_id, namespace, name, revision)
        references revision (tenant_id, cluster_id, namespace, name, number),
    constraint delivery_attempt_outcome_is_known check (outcome in ('APPLIED', 'ADOPTED', 'TAKEN_BACK', 'CONFLICTED', 'REFUSED', 'MUTATED', 'UNREACHABLE', 'FORBIDDEN', 'NOT_OURS')),
    constraint delivery_attempt_words_are_bounded check (length(words) <= 4000)
);
create index delivery_attempt_by_object on delivery_attempt (tenant_id, cluster_id, namespace, name, at);
comment on table delivery_attempt is 'one row for every time a cluster was asked to take a revision, and what it said';
call protect_tenant_table('delivery_attempt', 'select, insert');

create table compile_refusal (
    tenant_id  uuid        not null,
    cluster_id uuid        not null,
    workload   text        not null,
    message    text        not null,
    since      timestamptz not null default now(),
    constraint compile_refusal_pk primary key (tenant_id, cluster_id, workload),
    constraint compile_refusal_of_a_tenant foreign key (tenant_id) references tenant (id)
);
comment on table compile_refusal is 'workloads whose grants cannot become a policy, and why; what the cluster holds for them stays';
call protect_tenant_table('compile_refusal', 'select, insert, update, delete');
