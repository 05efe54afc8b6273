-- Rollout in waves: what an approval grants in several places reaches them one wave after another. Until its wave is let in a grant is held.

create table rollout_plan (
    tenant_id  uuid        not null,
    version    int         not null,
    waves      text        not null,
    at         timestamptz not null default now(),
    actor_kind text        not null,
    actor_id   text        not null,
    actor_name text        not null,
    constraint rollout_plan_pk primary key (tenant_id, version),
    constraint rollout_plan_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint rollout_plan_counts_from_one check (version >= 1),
    constraint rollout_plan_waves_are_bounded check (octet_length(waves) between 2 and 65536),
    constraint rollout_plan_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR'))
);
create index rollout_plan_by_actor on rollout_plan (tenant_id, actor_id);
comment on table rollout_plan is 'the waves of the tenant, in versions that never change; the latest holds for what is approved from then on, one without waves for nothing';
call protect_tenant_table('rollout_plan', 'select, insert');

create table rollout (
    tenant_id      uuid        not null,
    request_id     uuid        not null,
    request_number bigint      not null,
    plan_version   int         not null,
    started_at     timestamptz not null default now(),
    constraint rollout_pk primary key (tenant_id, request_id),
    constraint rollout_number_is_unique unique (tenant_id, request_number),
    constraint rollout_of_a_request foreign key (tenant_id, request_id) references access_request (tenant_id, id),
    constraint rollout_plan_version_is_none_or_counts check (plan_version >= 0)
);
comment on table rollout is 'that the grants of a request are delivered in waves, by which version of the plan (0: by none)';
call protect_tenant_table('rollout', 'select, insert');

create table rollout_wave (
    tenant_id     uuid        not null,
    request_id    uuid        not null,
    wave          int         not null,
    name          text        not null,
    pause_seconds bigint      not null,
    by_person     boolean     not null,
    state         text        not null,
    state_since   timestamptz not null default now(),
    words         text        not null default '',
    delivered_at  timestamptz,
    constraint rollout_wave_pk primary key (tenant_id, request_id, wave),
    constraint rollout_wave_of_a_rollout foreign key (tenant_id, request_id) references rollout (tenant_id, request_id),
    constraint rollout_wave_counts_from_one check (wave >= 1),
    constraint rollout_wave_name_is_bounded check (length(name) between 1 and 100),
    constraint rollout_wave_pause_is_bounded check (pause_seconds between 0 and 2592000),
    constraint rollout_wave_state_is_known check (state in ('WAITING', 'RUNNING', 'PAUSED', 'WAITING_FOR_PERSON', 'DONE', 'STOPPED')),
    constraint rollout_wave_rests_after_its_delivery check (state not in ('PAUSED', 'WAITING_FOR_PERSON') or delivered_at is not null),
    constraint rollout_wave_words_are_bounded check (length(words) <= 4000)
);
create index rollout_wave_open on rollout_wave (tenant_id, request_id) where state <> 'DONE';
comment on table rollout_wave is 'one wave of a rollout: what the plan said of it at the start, and how it stands; words: why it is stopped';
call protect_tenant_table('rollout_wave', 'select, insert, update');

create table rollout_grant (
    tenant_id  uuid not null,
    grant_id   uuid not null,
    request_id uuid not null,
    wave       int  not null,
    constraint rollout_grant_pk primary key (tenant_id, grant_id),
    constraint rollout_grant_is_a_grant foreign key (tenant_id, grant_id) references access_grant (tenant_id, id),
    constraint rollout_grant_of_a_wave foreign key (tenant_id, request_id, wave) references rollout_wave (tenant_id, request_id, wave)
);
create index rollout_grant_by_wave on rollout_grant (tenant_id, request_id, wave, grant_id);
comment on table rollout_grant is 'which wave a grant belongs to: it is held until that wave is let in';
call protect_tenant_table('rollout_grant', 'select, insert');

create table rollout_admission (
    tenant_id  uuid        not null,
    request_id uuid        not null,
    wave       int         not null,
    at         timestamptz not null default now(),
    constraint rollout_admission_pk primary key (tenant_id, request_id, wave),
    constraint rollout_admission_of_a_wave foreign key (tenant_id, request_id, wave) references rollout_wave (tenant_id, request_id, wave)
);
comment on table rollout_admission is 'that a wave was let in: from then on its grants are delivered; never taken back';
call protect_tenant_table('rollout_admission', 'select, insert');

create table rollout_continuation (
    tenant_id  uuid        not null,
    request_id uuid        not null,
    wave       int         not null,
    made_as    text        not null,
    waived     text[]      not null,
    reason     text        not null,
    at         timestamptz not null default now(),
    actor_kind text        not null,
    actor_id   text        not null,
    actor_name text        not null,
    constraint rollout_continuation_pk primary key (tenant_id, request_id, wave),
    constraint rollout_continuation_of_an_admission foreign key (tenant_id, request_id, wave) references rollout_admission (tenant_id, request_id, wave),
    constraint rollout_continuation_made_as_is_known check (made_as in ('SECURITY', 'ADMINISTRATOR')),
    constraint rollout_continuation_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR')),
    constraint rollout_continuation_reason_is_bounded check (length(reason) between 1 and 4000)
);
create index rollout_continuation_by_actor on rollout_continuation (tenant_id, actor_id);
comment on table rollout_continuation is 'that a person let a wave in, and why; waived: what had stopped the rollout and no longer does';
call protect_tenant_table('rollout_continuation', 'select, insert');

-- Only the copies of names may change: when a person is erased.
grant update (actor_name) on rollout_plan, rollout_continuation to ${appRole};

alter function erase_person(uuid, text, text, text) rename to erase_person_before_rollouts;

-- As before, and out of plans and continuations.
create function erase_person(erased uuid, full_name text, pseudonym text, new_username text) returns void
language plpgsql
as $$
declare
    tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
begin
    perform erase_person_before_rollouts(erased, full_name, pseudonym, new_username);
    update rollout_plan p set actor_name = pseudonymous(p.actor_name, full_name, pseudonym)
        where p.tenant_id = tenant and p.actor_id = erased::text;
    update rollout_continuation c set actor_name = pseudonymous(c.actor_name, full_name, pseudonym)
        where c.tenant_id = tenant and c.actor_id = erased::text;
end
$$;
grant execute on function erase_person to ${appRole};
