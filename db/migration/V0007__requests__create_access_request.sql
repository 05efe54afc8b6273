create table tenant_settings (
    tenant_id             uuid        not null,
    reason_minimum        int         not null default 20,
    reason_template       text        not null default '',
    request_lifetime_days int         not null default 14,
    permanent_allowed     boolean     not null default true,
    longest_grant_days    int         not null default 366,
    changed_at            timestamptz not null default now(),
    version               bigint      not null default 0,
    constraint tenant_settings_pk primary key (tenant_id),
    constraint tenant_settings_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint tenant_settings_reason_minimum_can_be_met check (reason_minimum between 1 and 1000),
    constraint tenant_settings_reason_template_is_bounded check (length(reason_template) <= 4000),
    constraint tenant_settings_request_lifetime_is_sensible check (request_lifetime_days between 1 and 365),
    constraint tenant_settings_longest_grant_is_sensible check (longest_grant_days between 1 and 3660)
);
comment on table tenant_settings is 'what a tenant decides about requests; a tenant without a row has the defaults';
call protect_tenant_table('tenant_settings', 'select, insert, update');

create table request_counter (
    tenant_id   uuid   not null,
    last_number bigint not null,
    constraint request_counter_pk primary key (tenant_id),
    constraint request_counter_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint request_counter_counts_from_one check (last_number >= 1)
);
comment on table request_counter is 'the number of the newest request; its row lock makes numbers free of gaps';
call protect_tenant_table('request_counter', 'select, insert, update');

create table access_request (
    tenant_id        uuid        not null,
    id               uuid        not null,
    number           bigint      not null,
    state            text        not null,
    version          int         not null,
    digest           text        not null,
    requester_id     uuid        not null,
    requester_name   text        not null,
    reason           text        not null,
    ticket           text,
    grant_minutes    bigint,
    grant_until      timestamptz,
    kind             text        not null,
    ask              text        not null,
    places           text        not null,
    sentence         text        not null,
    target_namespace text        not null,
    target_workload  text,
    namespaces       text[]      not null,
    submitted_at     timestamptz not null,
    lapses_at        timestamptz not null,
    row_version      bigint      not null default 0,
    words            tsvector    generated always as (
                         to_tsvector('simple', translate(sentence, '/*-', '   ') || ' ' || sentence || ' ' || reason || ' ' || coalesce(ticket, ''))
                         || to_tsvector('english', reason)) stored,
    constraint access_request_pk primary key (tenant_id, id),
    constraint access_request_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint access_request_number_is_unique unique (tenant_id, number),
    constraint access_request_of_a_person foreign key (tenant_id, requester_id) references person (tenant_id, id),
    constraint access_request_state_is_known check (state in ('SUBMITTED', 'CHANGES_REQUESTED', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'LAPSED')),
    constraint access_request_versions_count_from_one check (version >= 1),
    constraint access_request_digest_is_sha256 check (digest ~ '^sha256:[0-9a-f]{64}$'),
    constraint access_request_reason_is_bounded check (length(reason) between 1 and 4000),
    constraint access_request_ticket_is_short check (length(ticket) between 1 and 200),
    constraint access_request_has_one_period check (num_nonnulls(grant_minutes, grant_until) <= 1),
    constraint access_request_lasts_a_while check (grant_minutes > 0),
    constraint access_request_ask_is_bounded check (octet_length(ask) <= 1048576),
    constraint access_request_places_are_bounded check (octet_length(places) <= 1048576),
    constraint access_request_sentence_is_bounded check (length(sentence) between 1 and 20000),
    constraint access_request_lapses_after_submission check (lapses_at > submitted_at)
);
create index access_request_by_state on access_request (tenant_id, state, number);
create index access_request_by_requester on access_request (tenant_id, requester_id, number);
create index access_request_by_lapse on access_request (tenant_id, lapses_at) where state in ('SUBMITTED', 'CHANGES_REQUESTED');
create index access_request_by_target on access_request (tenant_id, target_namespace, target_workload, number);
create index access_request_by_words on access_request using gin (words);
create index access_request_by_namespaces on access_request using gin (namespaces);
comment on table access_request is 'a request as it is now; what each version said is in request_version';
call protect_tenant_table('access_request', 'select, insert, update');

create table request_version (
    tenant_id     uuid        not null,
    request_id    uuid        not null,
    version       int         not null,
    digest        text        not null,
    ask           text        not null,
    places        text        not null,
    sentence      text        not null,
    reason        text        not null,
    ticket        text,
    grant_minutes bigint,
    grant_until   timestamptz,
    at            timestamptz not null,
    constraint request_version_pk primary key (tenant_id, request_id, version),
    constraint request_version_of_a_request foreign key (tenant_id, request_id) references access_request (tenant_id, id),
    constraint request_version_counts_from_one check (version >= 1),
    constraint request_version_digest_is_sha256 check (digest ~ '^sha256:[0-9a-f]{64}$'),
    constraint request_version_reason_is_bounded check (length(reason) between 1 and 4000),
    constraint request_version_ticket_is_short check (length(ticket) between 1 and 200),
    constraint request_version_has_one_period check (num_nonnulls(grant_minutes, grant_until) <= 1),
    constraint request_version_ask_is_bounded check (octet_length(ask) <= 1048576),
    constraint request_version_places_are_bounded check (octet_length(places) <= 1048576)
);
comment on table request_version is 'what each version of a request said; written once';
call protect_tenant_table('request_version', 'select, insert');

create table request_withdrawal (
    tenant_id  uuid        not null,
    request_id uuid        not null,
    actor_id   text        not null,
    actor_name text        not null,
    words      text        not null,
    at         timestamptz not null,
    constraint request_withdrawal_pk primary key (tenant_id, request_id),
    constraint request_withdrawal_of_a_request foreign key (tenant_id, request_id) references access_request (tenant_id, id),
    constraint request_withdrawal_words_are_bounded check (length(words) <= 4000)
);
comment on table request_withdrawal is 'who took a request back, when, and with what words';
call protect_tenant_table('request_withdrawal', 'select, insert');

create table submission_key (
    tenant_id uuid        not null,
    person_id uuid        not null,
    key       text        not null,
    number    bigint      not null,
    at        timestamptz not null default now(),
    constraint submission_key_pk primary key (tenant_id, person_id, key),
    constraint submission_key_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint submission_key_of_a_request foreign key (tenant_id, number) references access_request (tenant_id, number),
    constraint submission_key_is_short check (length(key) between 1 and 100)
);
create index submission_key_by_time on submission_key (tenant_id, at);
comment on table submission_key is 'the one-time key of a form and the request it became: a double click gives one request';
call protect_tenant_table('submission_key', 'select, insert, delete');
