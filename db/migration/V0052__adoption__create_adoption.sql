-- Taking over policies that somebody else made: what was proposed (adoption, adoption_rule), and the removal of the object that
-- was adopted (adoption_removal).

create table adoption (
    tenant_id        uuid        not null,
    id               uuid        not null,
    number           bigint      not null,
    cluster_id       uuid        not null,
    cluster_name     text        not null,
    namespace        text        not null,
    name             text        not null,
    uid              text        not null,
    resource_version text        not null,
    object           text        not null,
    workload         text        not null,
    proposer_id      uuid        not null,
    proposer_name    text        not null,
    at               timestamptz not null,
    constraint adoption_pk primary key (tenant_id, id),
    constraint adoption_number_is_unique unique (tenant_id, number),
    constraint adoption_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint adoption_of_a_person foreign key (tenant_id, proposer_id) references person (tenant_id, id),
    constraint adoption_counts_from_one check (number >= 1),
    constraint adoption_names_exactly_one_state check (uid <> '' and resource_version <> ''),
    constraint adoption_object_is_bounded check (octet_length(object) <= 4194304)
);
create index adoption_by_object on adoption (tenant_id, cluster_id, namespace, name);
comment on table adoption is 'a proposal to take over exactly this state of a policy that the portal did not make; written once';
call protect_tenant_table('adoption', 'select, insert');

create table adoption_rule (
    tenant_id      uuid   not null,
    adoption_id    uuid   not null,
    rule           int    not null,
    request_id     uuid   not null,
    request_number bigint not null,
    constraint adoption_rule_pk primary key (tenant_id, adoption_id, rule),
    constraint adoption_rule_of_an_adoption foreign key (tenant_id, adoption_id) references adoption (tenant_id, id),
    constraint adoption_rule_is_a_request foreign key (tenant_id, request_id) references access_request (tenant_id, id),
    constraint adoption_rule_is_the_only_one_of_its_request unique (tenant_id, request_number),
    constraint adoption_rule_counts_from_one check (rule >= 1)
);
comment on table adoption_rule is 'which request asks for which rule of an adopted policy, in the order of the policy';
call protect_tenant_table('adoption_rule', 'select, insert');

create table adoption_removal (
    tenant_id   uuid        not null,
    adoption_id uuid        not null,
    state       text        not null,
    words       text        not null default '',
    advice      text        not null default '',
    state_since timestamptz not null default now(),
    attempts    int         not null default 0,
    due_at      timestamptz,
    lease_until timestamptz,
    fence       bigint      not null default 0,
    constraint adoption_removal_pk primary key (tenant_id, adoption_id),
    constraint adoption_removal_of_an_adoption foreign key (tenant_id, adoption_id) references adoption (tenant_id, id),
    constraint adoption_removal_state_is_known check (state in ('WAITING', 'REMOVING', 'REMOVED', 'STOPPED')),
    constraint adoption_removal_is_due_until_it_ends check ((state in ('WAITING', 'REMOVING')) = (due_at is not null)),
    constraint adoption_removal_words_are_bounded check (length(words) <= 4000 and length(advice) <= 1000)
);
create index adoption_removal_due on adoption_removal (tenant_id, due_at) where due_at is not null;
comment on table adoption_removal is 'the removal of an adopted object once every rule is approved: REMOVING from the moment that it is on the record, with the whole object';
call protect_tenant_table('adoption_removal', 'select, insert, update');
