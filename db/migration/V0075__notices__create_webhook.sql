-- Webhooks: what is recorded in a tenant is told to the receivers that its administrators registered. A webhook follows the record by
-- a cursor, so that a fact costs nothing more and none is missed. Nothing here names a person.

create table webhook (
    tenant_id      uuid        not null,
    id             uuid        not null,
    number         bigint      not null,
    name           text        not null,
    origin         text        not null,
    url            bytea,
    secret         bytea,
    former_secret  bytea,
    former_until   timestamptz,
    kinds          text[]      not null,
    version        int         not null default 1,
    registered_at  timestamptz not null default now(),
    disabled_at    timestamptz,
    disabled_as    text,
    removed_at     timestamptz,
    constraint webhook_pk primary key (tenant_id, id),
    constraint webhook_number_is_unique unique (tenant_id, number),
    constraint webhook_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint webhook_name_is_bounded check (length(name) between 1 and 60),
    constraint webhook_origin_is_bounded check (length(origin) between 8 and 300),
    constraint webhook_url_is_bounded check (octet_length(url) between 37 and 4096),
    constraint webhook_secret_is_bounded check (octet_length(secret) between 37 and 512),
    constraint webhook_former_secret_has_an_end check ((former_secret is null) = (former_until is null)),
    constraint webhook_wants_something check (cardinality(kinds) between 1 and 200),
    constraint webhook_counts_from_one check (number >= 1 and version >= 1),
    constraint webhook_disabled_says_how check ((disabled_at is null) = (disabled_as is null) and disabled_as in ('BY_PERSON', 'GONE')),
    -- A removed webhook keeps no secret while its deliveries are cleared away.
    constraint webhook_removed_keeps_no_secret check ((removed_at is null) = (url is not null) and (removed_at is null) = (secret is not null)
        and (removed_at is null or former_secret is null))
);
comment on table webhook is 'a receiver of events; url and secrets are encrypted by the portal and bound to tenant, row and column, origin is the address without path and query; a removed one keeps its number and nothing to send with';
call protect_tenant_table('webhook', 'select, insert, update');

create table webhook_cursor (
    tenant_id  uuid        not null,
    webhook_id uuid        not null,
    seq        bigint      not null,
    silent     int         not null default 0,
    rest_until timestamptz not null default now(),
    constraint webhook_cursor_pk primary key (tenant_id, webhook_id),
    constraint webhook_cursor_of_a_webhook foreign key (tenant_id, webhook_id) references webhook (tenant_id, id),
    constraint webhook_cursor_is_an_entry_or_none check (seq >= 0),
    constraint webhook_cursor_counts_silence check (silent >= 0)
);
comment on table webhook_cursor is 'up to which entry of the record a webhook has taken its events, and until when its receiver is left alone; whoever changes anything of a webhook locks its row first';
call protect_tenant_table('webhook_cursor', 'select, insert, update, delete');

create table webhook_delivery (
    tenant_id   uuid        not null,
    webhook_id  uuid        not null,
    seq         bigint      not null,
    kind        text        not null,
    body        text        not null,
    state       text        not null default 'WAITING',
    state_since timestamptz not null default now(),
    attempts    int         not null default 0,
    due_at      timestamptz,
    give_up_at  timestamptz not null default now() + interval '3 days',
    lease_until timestamptz,
    fence       bigint      not null default 0,
    constraint webhook_delivery_pk primary key (tenant_id, webhook_id, seq),
    constraint webhook_delivery_of_a_webhook foreign key (tenant_id, webhook_id) references webhook (tenant_id, id),
    constraint webhook_delivery_state_is_known check (state in ('WAITING', 'DELIVERED', 'DEAD', 'DISCARDED')),
    constraint webhook_delivery_only_a_waiting_one_is_due check (state = 'WAITING' or (due_at is null and lease_until is null)),
    constraint webhook_delivery_counts_attempts check (attempts >= 0),
    constraint webhook_delivery_body_is_bounded check (octet_length(body) between 2 and 16384)
);
create index webhook_delivery_due on webhook_delivery (tenant_id, webhook_id, due_at) where state = 'WAITING' and due_at is not null;
create index webhook_delivery_by_state on webhook_delivery (tenant_id, webhook_id, state, seq);
create index webhook_delivery_ended on webhook_delivery (tenant_id, state_since) where state <> 'WAITING';
comment on table webhook_delivery is 'one event for one webhook, by the number of its entry of the record; due_at null while it waits for an earlier event of the same subject';
call protect_tenant_table('webhook_delivery', 'select, insert, update, delete');

create table webhook_turn (
    tenant_id  uuid   not null,
    webhook_id uuid   not null,
    subject    text   not null,
    seq        bigint not null,
    constraint webhook_turn_pk primary key (tenant_id, webhook_id, subject, seq),
    constraint webhook_turn_of_a_delivery foreign key (tenant_id, webhook_id, seq) references webhook_delivery (tenant_id, webhook_id, seq)
);
create index webhook_turn_by_delivery on webhook_turn (tenant_id, webhook_id, seq);
comment on table webhook_turn is 'the queue of each subject: an event is sent when it is the first in the queue of all that it is about; a row goes when its delivery ends';
call protect_tenant_table('webhook_turn', 'select, insert, delete');

create table webhook_attempt (
    tenant_id  uuid        not null,
    webhook_id uuid        not null,
    seq        bigint      not null,
    fence      bigint      not null,
    at         timestamptz not null,
    millis     int         not null,
    status     int,
    words      text        not null,
    constraint webhook_attempt_pk primary key (tenant_id, webhook_id, seq, fence),
    constraint webhook_attempt_of_a_delivery foreign key (tenant_id, webhook_id, seq) references webhook_delivery (tenant_id, webhook_id, seq),
    constraint webhook_attempt_takes_time check (millis >= 0),
    constraint webhook_attempt_status_is_http check (status between 100 and 999),
    constraint webhook_attempt_words_are_bounded check (length(words) <= 400)
);
create index webhook_attempt_by_time on webhook_attempt (tenant_id, webhook_id, at desc);
comment on table webhook_attempt is 'one attempt to send an event: when, for how long, and what was answered (status null: nothing), in words cut short';
call protect_tenant_table('webhook_attempt', 'select, insert, delete');

-- What an entry is about, by the entry: whoever follows the record asks for it. Written in the order of the record, at the end of the index.
create index audit_mention_by_entry on audit_mention (tenant_id, seq);
