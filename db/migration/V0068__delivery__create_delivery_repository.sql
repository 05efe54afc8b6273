-- Clusters that the portal does not write to: their policies are files of a branch of a Git repository, from where somebody else's
-- controller takes them. A cluster without a row here is written to directly.

create table delivery_repository (
    tenant_id     uuid        not null,
    cluster_id    uuid        not null,
    url           text        not null,
    branch        text        not null,
    directory     text        not null,
    username      text        not null,
    password      bytea,
    set_at        timestamptz not null default now(),
    head          text,
    looked_at     timestamptz,
    pushed_commit text,
    pushed_at     timestamptz,
    failing_since timestamptz,
    words         text        not null default '',
    advice        text        not null default '',
    attempts      int         not null default 0,
    look_at       timestamptz not null default now(),
    wait_until    timestamptz not null default now(),
    lease_until   timestamptz,
    fence         bigint      not null default 0,
    constraint delivery_repository_pk primary key (tenant_id, cluster_id),
    constraint delivery_repository_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    -- Two clusters never write the same files.
    constraint delivery_repository_place_is_of_one_cluster unique (tenant_id, url, branch, directory),
    constraint delivery_repository_place_is_bounded check (length(url) between 1 and 2048 and length(branch) between 1 and 200 and length(directory) <= 200),
    constraint delivery_repository_username_is_bounded check (length(username) <= 200),
    constraint delivery_repository_password_is_bounded check (octet_length(password) between 37 and 4096),
    constraint delivery_repository_commits_are_ids check (head ~ '^[0-9a-f]{40}$' and pushed_commit ~ '^[0-9a-f]{40}$'),
    constraint delivery_repository_push_has_a_time check ((pushed_commit is null) = (pushed_at is null)),
    constraint delivery_repository_failure_has_words check ((failing_since is null) = (words = '')),
    constraint delivery_repository_words_are_bounded check (length(words) <= 4000 and length(advice) <= 1000)
);
comment on table delivery_repository is 'the Git repository that a cluster''s policies are written to instead of the cluster, and how it stands; password is encrypted by the portal and bound to tenant, row and column';
call protect_tenant_table('delivery_repository', 'select, insert, update, delete');

create table delivery_file (
    tenant_id   uuid        not null,
    cluster_id  uuid        not null,
    namespace   text        not null,
    name        text        not null,
    revision    bigint      not null,
    commit_id   text        not null,
    at          timestamptz not null default now(),
    restores    int         not null default 0,
    restored_at timestamptz,
    constraint delivery_file_pk primary key (tenant_id, cluster_id, namespace, name),
    constraint delivery_file_of_a_repository foreign key (tenant_id, cluster_id) references delivery_repository (tenant_id, cluster_id),
    constraint delivery_file_is_a_revision foreign key (tenant_id, cluster_id, namespace, name, revision)
        references revision (tenant_id, cluster_id, namespace, name, number),
    constraint delivery_file_commit_is_an_id check (commit_id ~ '^[0-9a-f]{40}$'),
    constraint delivery_file_counts_restores check (restores >= 0 and (restores = 0 or restored_at is not null))
);
comment on table delivery_file is 'which revision a file of the repository holds, as last pushed or found there: only what is here is put back when another hand changed it';
call protect_tenant_table('delivery_file', 'select, insert, update, delete');

alter table policy_object
    drop constraint policy_object_state_is_known,
    add constraint policy_object_state_is_known check (state in ('WAITING', 'APPLYING', 'PUSHED', 'APPLIED', 'DRIFTED', 'REFUSED', 'UNREACHABLE'));

alter table delivery_attempt
    drop constraint delivery_attempt_outcome_is_known,
    add constraint delivery_attempt_outcome_is_known check (outcome in
        ('APPLIED', 'ADOPTED', 'TAKEN_BACK', 'CONFLICTED', 'REFUSED', 'MUTATED', 'UNREACHABLE', 'FORBIDDEN', 'NOT_OURS', 'HELD', 'PUSHED', 'RESTORED'));
