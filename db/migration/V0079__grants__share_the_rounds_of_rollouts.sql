-- How far the looks at open rollouts are, so that replicas share them and none of many is left out.

create table rollout_round (
    tenant_id     uuid        not null,
    looked_at     timestamptz not null default now(),
    after_request bigint      not null default 0,
    constraint rollout_round_pk primary key (tenant_id),
    constraint rollout_round_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint rollout_round_counts_requests check (after_request >= 0)
);
comment on table rollout_round is 'when a replica last looked at open rollouts of the tenant, and after which request the next look goes on; 0: from the first';
call protect_tenant_table('rollout_round', 'select, insert, update');
