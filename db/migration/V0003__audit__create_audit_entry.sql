create table audit_entry (
    tenant_id       uuid        not null,
    seq             bigint      not null,
    at              timestamptz not null,
    kind            text        not null,
    actor_kind      text        not null,
    actor_id        text        not null,
    actor_name      text        not null,
    subject_kind    text        not null,
    subject_id      text        not null,
    sentence        text        not null,
    content         text        not null,
    previous_digest bytea       not null,
    digest          bytea       not null,
    words           tsvector    generated always as (to_tsvector('simple', sentence || ' ' || actor_name || ' ' || subject_id)) stored,
    constraint audit_entry_pk primary key (tenant_id, seq),
    constraint audit_entry_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint audit_entry_counts_from_one check (seq >= 1),
    constraint audit_entry_actor_kind_is_known check (actor_kind in ('PERSON', 'TOKEN', 'SYSTEM', 'OPERATOR')),
    constraint audit_entry_digests_are_sha256 check (length(previous_digest) = 32 and length(digest) = 32),
    constraint audit_entry_content_is_bounded check (octet_length(content) <= 1048576)
);
create index audit_entry_by_subject on audit_entry (tenant_id, subject_kind, subject_id, seq);
create index audit_entry_by_actor on audit_entry (tenant_id, actor_id, seq);
create index audit_entry_by_time on audit_entry (tenant_id, at);
create index audit_entry_by_words on audit_entry using gin (words);
comment on table audit_entry is 'the record: one row for every fact, chained per tenant; inserted and read, never changed';
call protect_tenant_table('audit_entry', 'select, insert');

create table audit_mention (
    tenant_id    uuid   not null,
    subject_kind text   not null,
    subject_id   text   not null,
    seq          bigint not null,
    constraint audit_mention_pk primary key (tenant_id, subject_kind, subject_id, seq),
    constraint audit_mention_in_an_entry foreign key (tenant_id, seq) references audit_entry (tenant_id, seq)
);
comment on table audit_mention is 'an index: what else an entry is about, so that a request shows what became of it in the clusters; the entry itself says it too';
call protect_tenant_table('audit_mention', 'select, insert');

create function refuse_to_change_the_record() returns trigger
language plpgsql
as $$
begin
    raise exception 'the record is append-only: % on % is refused', tg_op, tg_table_name;
end
$$;
create trigger audit_entry_is_append_only before update or delete on audit_entry
    for each row execute function refuse_to_change_the_record();
create trigger audit_entry_is_never_truncated before truncate on audit_entry
    for each statement execute function refuse_to_change_the_record();
create trigger audit_mention_is_append_only before update or delete on audit_mention
    for each row execute function refuse_to_change_the_record();
create trigger audit_mention_is_never_truncated before truncate on audit_mention
    for each statement execute function refuse_to_change_the_record();

-- Appends one entry for the current tenant in the caller's transaction, with the caller's rights. The lock is held until
-- the transaction ends, so numbers have no gaps and the order of numbers is the order of commits.
-- The digest covers previous digest, number, time in microseconds since 1970, and the content's bytes.
create function append_audit_entry(
    kind text, actor_kind text, actor_id text, actor_name text, subject_kind text, subject_id text, sentence text, content text,
    also_kinds text[], also_ids text[])
returns bigint
language plpgsql
as $$
declare
    tenant   uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    next_seq bigint;
    previous bytea;
    moment   timestamptz;
begin
    if tenant is null then
        raise exception 'no tenant is set in this transaction';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('audit ' || tenant, 0));
    select e.seq + 1, e.digest into next_seq, previous
        from audit_entry e
        where e.tenant_id = tenant
        order by e.seq desc
        limit 1;
    next_seq := coalesce(next_seq, 1);
    previous := coalesce(previous, decode(repeat('00', 32), 'hex'));
    moment := clock_timestamp();
    insert into audit_entry (tenant_id, seq, at, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, sentence, content, previous_digest, digest)
        values (tenant, next_seq, moment, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, sentence, content, previous,
            sha256(previous || int8send(next_seq) || int8send((extract(epoch from moment) * 1000000)::bigint) || convert_to(content, 'UTF8')));
    insert into audit_mention (tenant_id, subject_kind, subject_id, seq)
        select distinct tenant, also.mentioned_kind, also.mentioned_id, next_seq
        from unnest(also_kinds, also_ids) as also (mentioned_kind, mentioned_id);
    return next_seq;
end
$$;
grant execute on function append_audit_entry to ${appRole};
