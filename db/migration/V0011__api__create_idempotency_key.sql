create table idempotency_key (
    tenant_id    uuid        not null,
    person_id    uuid        not null,
    route        text        not null,
    key          text        not null,
    body_digest  bytea       not null,
    taken_at     timestamptz not null default now(),
    status       int,
    content_type text,
    location     text,
    etag         text,
    answer       bytea,
    constraint idempotency_key_pk primary key (tenant_id, person_id, route, key),
    constraint idempotency_key_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint idempotency_key_is_visible_ascii check (key ~ '^[!-~]{1,255}$'),
    constraint idempotency_key_route_is_short check (length(route) <= 1024),
    constraint idempotency_key_digest_is_sha256 check (length(body_digest) = 32),
    constraint idempotency_key_answer_is_whole check ((status is null) = (answer is null) and (status is null) = (content_type is null)),
    constraint idempotency_key_answer_is_not_an_accident check (status between 200 and 499),
    constraint idempotency_key_answer_is_bounded check (octet_length(answer) <= 16777216)
);
create index idempotency_key_by_time on idempotency_key (tenant_id, taken_at);
comment on table idempotency_key is 'what a POST with this Idempotency-Key was answered, kept for 24 hours; without an answer while it is worked on';
call protect_tenant_table('idempotency_key', 'select, insert, update, delete');
