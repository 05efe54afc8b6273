create table approval_rule_set (
    tenant_id  uuid        not null,
    version    int         not null,
    rules      text        not null,
    at         timestamptz not null,
    actor_id   text        not null,
    actor_name text        not null,
    constraint approval_rule_set_pk primary key (tenant_id, version),
    constraint approval_rule_set_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint approval_rule_set_versions_count_from_one check (version >= 1),
    constraint approval_rule_set_is_bounded check (octet_length(rules) between 2 and 262144)
);
comment on table approval_rule_set is 'who must agree to what: every version of a tenant''s rules, written once; without a row the built-in rules hold';
call protect_tenant_table('approval_rule_set', 'select, insert');

create table request_plan (
    tenant_id     uuid        not null,
    request_id    uuid        not null,
    version       int         not null,
    rule_set      int         not null,
    rule          text        not null,
    beneficiaries uuid[]      not null,
    barred        uuid[]      not null,
    at            timestamptz not null,
    constraint request_plan_pk primary key (tenant_id, request_id, version),
    constraint request_plan_of_a_version foreign key (tenant_id, request_id, version) references request_version (tenant_id, request_id, version),
    constraint request_plan_rule_set_is_not_negative check (rule_set >= 0),
    constraint request_plan_rule_is_bounded check (octet_length(rule) between 2 and 65536)
);
comment on table request_plan is 'the rule under which a version of a request was submitted (rule_set 0: built in), and who gained by it then; written once';
call protect_tenant_table('request_plan', 'select, insert');

create table review (
    tenant_id   uuid        not null,
    request_id  uuid        not null,
    version     int         not null,
    person_id   uuid        not null,
    person_name text        not null,
    digest      text        not null,
    decision    text        not null,
    comment     text        not null,
    at          timestamptz not null,
    constraint review_pk primary key (tenant_id, request_id, version, person_id),
    constraint review_of_a_planned_version foreign key (tenant_id, request_id, version) references request_plan (tenant_id, request_id, version),
    constraint review_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint review_decision_is_known check (decision in ('APPROVE', 'REJECT', 'REQUEST_CHANGES')),
    constraint review_against_has_words check (decision = 'APPROVE' or length(comment) > 0),
    constraint review_comment_is_bounded check (length(comment) <= 4000),
    constraint review_digest_is_sha256 check (digest ~ '^sha256:[0-9a-f]{64}$')
);
create index review_by_person on review (tenant_id, person_id, at);
comment on table review is 'what a person said about a version: once, and never changed';
call protect_tenant_table('review', 'select, insert');

create table request_decision (
    tenant_id  uuid        not null,
    request_id uuid        not null,
    version    int         not null,
    outcome    text        not null,
    stages     text        not null,
    actor_id   text        not null,
    actor_name text        not null,
    at         timestamptz not null,
    constraint request_decision_pk primary key (tenant_id, request_id, version),
    constraint request_decision_of_a_planned_version foreign key (tenant_id, request_id, version) references request_plan (tenant_id, request_id, version),
    constraint request_decision_outcome_is_known check (outcome in ('APPROVED', 'REJECTED', 'CHANGES_REQUESTED')),
    constraint request_decision_stages_are_bounded check (octet_length(stages) <= 262144)
);
comment on table request_decision is 'what became of a version, by whose word, and who sat in which stage at that moment';
call protect_tenant_table('request_decision', 'select, insert');

create table request_standing (
    tenant_id    uuid        not null,
    request_id   uuid        not null,
    risk         smallint    not null,
    opens        int         not null,
    cuts         int         not null,
    wanted       text[]      not null,
    missing      text        not null,
    submitted_at timestamptz not null,
    constraint request_standing_pk primary key (tenant_id, request_id),
    constraint request_standing_of_a_request foreign key (tenant_id, request_id) references access_request (tenant_id, id),
    constraint request_standing_risk_is_known check (risk between 0 and 2),
    constraint request_standing_counts_are_not_negative check (opens >= 0 and cuts >= 0)
);
create index request_standing_by_risk on request_standing (tenant_id, risk desc, submitted_at, request_id);
comment on table request_standing is 'for the queue only: what a waiting request would open and cut as foreseen at submission, and whose word it still wants; decides nothing';
call protect_tenant_table('request_standing', 'select, insert, update');
