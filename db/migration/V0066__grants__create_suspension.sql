-- Grants that are kept out for a while: what rolling a policy back to an earlier revision takes out of it. A suspension only closes.

create table suspension (
    tenant_id     uuid        not null,
    number        bigint      not null,
    cluster_id    uuid        not null,
    cluster_name  text        not null,
    namespace     text        not null,
    workload      text        not null,
    policy        text        not null,
    from_revision bigint      not null,
    to_revision   bigint      not null,
    made_as       text        not null,
    reason        text        not null,
    at            timestamptz not null default now(),
    actor_kind    text        not null,
    actor_id      text        not null,
    actor_name    text        not null,
    constraint suspension_pk primary key (tenant_id, number),
    constraint suspension_from_a_revision foreign key (tenant_id, cluster_id, namespace, policy, from_revision)
        references revision (tenant_id, cluster_id, namespace, name, number),
    constraint suspension_to_a_revision foreign key (tenant_id, cluster_id, namespace, policy, to_revision)
        references revision (tenant_id, cluster_id, namespace, name, number),
    constraint suspension_counts_from_one check (number >= 1),
    constraint suspension_goes_back check (to_revision < from_revision),
    constraint suspension_made_as_is_known check (made_as in ('SECURITY', 'OWNER')),
    constraint suspension_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR')),
    constraint suspension_reason_is_bounded check (length(reason) between 1 and 4000)
);
create index suspension_by_workload on suspension (tenant_id, cluster_id, namespace, workload, number);
create index suspension_by_actor on suspension (tenant_id, actor_id);
comment on table suspension is 'that somebody rolled a policy back to an earlier revision, and why; holds until its resumption';
call protect_tenant_table('suspension', 'select, insert');

create table suspended_grant (
    tenant_id         uuid   not null,
    grant_id          uuid   not null,
    suspension_number bigint not null,
    constraint suspended_grant_pk primary key (tenant_id, grant_id, suspension_number),
    constraint suspended_grant_of_a_suspension foreign key (tenant_id, suspension_number) references suspension (tenant_id, number),
    constraint suspended_grant_is_a_grant foreign key (tenant_id, grant_id) references access_grant (tenant_id, id)
);
create index suspended_grant_by_suspension on suspended_grant (tenant_id, suspension_number, grant_id);
comment on table suspended_grant is 'which grants a suspension keeps out; one that ended stays ended whatever becomes of the suspension';
call protect_tenant_table('suspended_grant', 'select, insert');

create table resumption (
    tenant_id         uuid        not null,
    suspension_number bigint      not null,
    reason            text        not null,
    at                timestamptz not null default now(),
    actor_kind        text        not null,
    actor_id          text        not null,
    actor_name        text        not null,
    constraint resumption_pk primary key (tenant_id, suspension_number),
    constraint resumption_of_a_suspension foreign key (tenant_id, suspension_number) references suspension (tenant_id, number),
    constraint resumption_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR')),
    constraint resumption_reason_is_bounded check (length(reason) between 1 and 4000)
);
create index resumption_by_actor on resumption (tenant_id, actor_id);
comment on table resumption is 'that a suspension was lifted: once, by whom and why; never taken back';
call protect_tenant_table('resumption', 'select, insert');

-- Only the copies of names may change: when a person is erased.
grant update (actor_name) on suspension, resumption to ${appRole};

alter function erase_person(uuid, text, text, text) rename to erase_person_before_suspensions;

-- As before, and out of suspensions and resumptions.
create function erase_person(erased uuid, full_name text, pseudonym text, new_username text) returns void
language plpgsql
as $$
declare
    tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
begin
    perform erase_person_before_suspensions(erased, full_name, pseudonym, new_username);
    update suspension s set actor_name = pseudonymous(s.actor_name, full_name, pseudonym)
        where s.tenant_id = tenant and s.actor_id = erased::text;
    update resumption r set actor_name = pseudonymous(r.actor_name, full_name, pseudonym)
        where r.tenant_id = tenant and r.actor_id = erased::text;
end
$$;
grant execute on function erase_person to ${appRole};
