-- As before, but where an entry mentions nothing, nothing is inserted of it: to find that out cost a tenth of an append.
create or replace function append_audit_entry(
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
    if cardinality(also_kinds) > 0 or cardinality(also_ids) > 0 then
        insert into audit_mention (tenant_id, subject_kind, subject_id, seq)
            select distinct tenant, also.mentioned_kind, also.mentioned_id, next_seq
            from unnest(also_kinds, also_ids) as also (mentioned_kind, mentioned_id);
    end if;
    return next_seq;
end
$$;
