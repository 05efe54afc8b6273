-- A word that holds what opens: of one workload, or of a whole cluster. What only closes is delivered all the same.

create table delivery_stop (
    tenant_id    uuid        not null,
    number       bigint      not null,
    cluster_id   uuid        not null,
    cluster_name text        not null,
    namespace    text,
    workload     text,
    made_as      text        not null,
    reason       text        not null,
    at           timestamptz not null default now(),
    actor_kind   text        not null,
    actor_id     text        not null,
    actor_name   text        not null,
    constraint delivery_stop_pk primary key (tenant_id, number),
    constraint delivery_stop_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint delivery_stop_counts_from_one check (number >= 1),
    constraint delivery_stop_of_a_workload_or_of_all check ((namespace is null) = (workload is null)),
    constraint delivery_stop_made_as_is_known check (made_as in ('SECURITY', 'OWNER', 'ADMINISTRATOR')),
    constraint delivery_stop_an_owner_stops_a_workload check (made_as <> 'OWNER' or workload is not null),
    constraint delivery_stop_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR')),
    constraint delivery_stop_reason_is_bounded check (length(reason) between 1 and 4000)
);
create index delivery_stop_by_cluster on delivery_stop (tenant_id, cluster_id, number);
comment on table delivery_stop is 'that somebody stopped deliveries to a workload or a cluster, and why; holds until its release';
call protect_tenant_table('delivery_stop', 'select, insert');

create table delivery_stop_release (
    tenant_id   uuid        not null,
    stop_number bigint      not null,
    reason      text        not null,
    at          timestamptz not null default now(),
    actor_kind  text        not null,
    actor_id    text        not null,
    actor_name  text        not null,
    constraint delivery_stop_release_pk primary key (tenant_id, stop_number),
    constraint delivery_stop_release_of_a_stop foreign key (tenant_id, stop_number) references delivery_stop (tenant_id, number),
    constraint delivery_stop_release_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR')),
    constraint delivery_stop_release_reason_is_bounded check (length(reason) between 1 and 4000)
);
comment on table delivery_stop_release is 'that a stop was released: once, by whom and why; never taken back';
call protect_tenant_table('delivery_stop_release', 'select, insert');

-- Only the copies of names may change: when a person is erased.
grant update (actor_name) on delivery_stop, delivery_stop_release to ${appRole};

alter table delivery_attempt
    drop constraint delivery_attempt_outcome_is_known,
    add constraint delivery_attempt_outcome_is_known check (outcome in
        ('APPLIED', 'ADOPTED', 'TAKEN_BACK', 'CONFLICTED', 'REFUSED', 'MUTATED', 'UNREACHABLE', 'FORBIDDEN', 'NOT_OURS', 'HELD'));
