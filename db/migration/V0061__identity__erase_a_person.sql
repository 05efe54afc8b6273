-- Erasing a person: their key, their account's names, and every copy of them that a table keeps for reading. The record itself
-- holds marks and texts sealed under the key, and does not change.

create table person_key (
    tenant_id  uuid        not null,
    person_id  uuid        not null,
    sealed_key bytea       not null,
    made_at    timestamptz not null default now(),
    constraint person_key_pk primary key (tenant_id, person_id),
    constraint person_key_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint person_key_is_sealed check (length(sealed_key) = 69)
);
comment on table person_key is 'the key of what the record keeps sealed for one person, itself sealed by the portal''s key; deleted when the person is erased';
call protect_tenant_table('person_key', 'select, insert, delete');

alter table person
    add column erased_at timestamptz,
    add constraint person_erased_has_no_access check (erased_at is null or (deactivated_at is not null and password_hash is null));
comment on column person.erased_at is 'when the names were erased; username and display_name are a pseudonym since';

-- Only the copies of names may change.
grant update (requester_name) on access_grant to ${appRole};
grant update (person_name) on review to ${appRole};
grant update (actor_name) on request_decision to ${appRole};
grant update (actor_name) on request_withdrawal to ${appRole};
grant update (actor_name) on approval_rule_set to ${appRole};
grant update (actor_name) on grant_end to ${appRole};
grant update (proposer_name) on adoption to ${appRole};
grant update (by) on cluster_retirement to ${appRole};

create index request_withdrawal_by_actor on request_withdrawal (tenant_id, actor_id);
create index request_decision_by_actor on request_decision (tenant_id, actor_id);
create index approval_rule_set_by_actor on approval_rule_set (tenant_id, actor_id);
create index grant_end_by_actor on grant_end (tenant_id, actor_id);
create index adoption_by_proposer on adoption (tenant_id, proposer_id);
create index person_by_deactivator on person (tenant_id, deactivated_by) where deactivated_by is not null;
create index api_token_by_revoker on api_token (tenant_id, revoked_by) where revoked_by is not null;

-- The name as a table keeps it, of somebody who is called `pseudonym` from now on: with the token that acted, if one did.
create function pseudonymous(kept text, full_name text, pseudonym text) returns text
language sql
immutable
as $$
    select case when kept = full_name then pseudonym
                when starts_with(kept, full_name || ' by token ') then pseudonym || ' by token (erased)'
                else kept end
$$;
grant execute on function pseudonymous to ${appRole};

-- Takes every copy of the names of a person out of the current tenant's tables, in the caller's transaction and with the caller's
-- rights. `full_name` is username@tenant; `pseudonym` and `new_username` are what the person is called from now on.
-- What people wrote in their own words is not looked at.
create function erase_person(erased uuid, full_name text, pseudonym text, new_username text) returns void
language plpgsql
as $$
declare
    tenant   uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    shown    text;
    by_token text := full_name || ' by token ';
begin
    select p.display_name into strict shown
        from person p
        where p.tenant_id = tenant and p.id = erased;
    delete from person_key k where k.tenant_id = tenant and k.person_id = erased;
    update person p
        set username = new_username, display_name = upper(left(pseudonym, 1)) || substr(pseudonym, 2), password_hash = null,
            erased_at = now(), version = p.version + 1
        where p.tenant_id = tenant and p.id = erased;
    delete from person_role r where r.tenant_id = tenant and r.person_id = erased;
    delete from team_member m where m.tenant_id = tenant and m.person_id = erased;
    update api_token t
        set name = '(erased)', revoked_at = coalesce(t.revoked_at, now()), revoked_by = coalesce(t.revoked_by, 'erasure')
        where t.tenant_id = tenant and t.person_id = erased;

    -- By the person's id.
    update access_request r set requester_name = pseudonym where r.tenant_id = tenant and r.requester_id = erased;
    update access_grant g set requester_name = pseudonym where g.tenant_id = tenant and g.requester_id = erased;
    update adoption a set proposer_name = pseudonym where a.tenant_id = tenant and a.proposer_id = erased;
    update review v set person_name = pseudonym where v.tenant_id = tenant and v.person_id = erased;
    update request_decision d set actor_name = pseudonymous(d.actor_name, full_name, pseudonym)
        where d.tenant_id = tenant and d.actor_id = erased::text;
    update request_withdrawal w set actor_name = pseudonymous(w.actor_name, full_name, pseudonym)
        where w.tenant_id = tenant and w.actor_id = erased::text;
    update approval_rule_set s set actor_name = pseudonymous(s.actor_name, full_name, pseudonym)
        where s.tenant_id = tenant and s.actor_id = erased::text;
    update grant_end e set actor_name = pseudonymous(e.actor_name, full_name, pseudonym)
        where e.tenant_id = tenant and e.actor_id = erased::text;
    -- These two come with a later migration.
    update delivery_stop s set actor_name = pseudonymous(s.actor_name, full_name, pseudonym)
        where s.tenant_id = tenant and s.actor_id = erased::text;
    update delivery_stop_release r set actor_name = pseudonymous(r.actor_name, full_name, pseudonym)
        where r.tenant_id = tenant and r.actor_id = erased::text;

    -- By the name, where nothing else is kept.
    update person p set deactivated_by = pseudonymous(p.deactivated_by, full_name, pseudonym)
        where p.tenant_id = tenant and (p.deactivated_by = full_name or starts_with(p.deactivated_by, by_token));
    update api_token t set revoked_by = pseudonymous(t.revoked_by, full_name, pseudonym)
        where t.tenant_id = tenant and (t.revoked_by = full_name or starts_with(t.revoked_by, by_token));
    update cluster c set registered_by = pseudonymous(c.registered_by, full_name, pseudonym)
        where c.tenant_id = tenant and (c.registered_by = full_name or starts_with(c.registered_by, by_token));
    update cluster_retirement r set by = pseudonymous(r.by, full_name, pseudonym)
        where r.tenant_id = tenant and (r.by = full_name or starts_with(r.by, by_token));
    update workload_owner o set set_by = pseudonymous(o.set_by, full_name, pseudonym)
        where o.tenant_id = tenant and (o.set_by = full_name or starts_with(o.set_by, by_token));

    -- What was answered to posts, kept for a day: the person's own goes, in others' the name goes.
    delete from idempotency_key i where i.tenant_id = tenant and i.person_id = erased;
    update idempotency_key i
        set answer = convert_to(replace(replace(convert_from(i.answer, 'UTF8'), full_name, pseudonym), to_json(shown)::text, to_json(pseudonym)::text), 'UTF8')
        where i.tenant_id = tenant
          and (position(convert_to(full_name, 'UTF8') in i.answer) > 0 or position(convert_to(to_json(shown)::text, 'UTF8') in i.answer) > 0);
end
$$;
grant execute on function erase_person to ${appRole};

-- What to look for in the record, where people are marks: a name that is found among the words stands for the person's mark too.
create function record_query(words text) returns tsquery
language plpgsql
stable
as $$
declare
    wanted tsquery := websearch_to_tsquery('simple', words);
    person record;
    target tsquery;
begin
    for person in
        select 'p' || replace(p.id::text, '-', '') as mark, array[p.username || '@' || t.slug, p.username, p.display_name] as names
        from person p
        join tenant t on t.id = p.tenant_id
        where p.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
          and (position(p.username in lower(words)) > 0 or position(lower(p.display_name) in lower(words)) > 0)
        order by length(p.username) desc
        limit 20
    loop
        for i in 1 .. 3 loop
            target := websearch_to_tsquery('simple', '"' || translate(person.names[i], '"', ' ') || '"');
            if numnode(target) > 0 then
                wanted := ts_rewrite(wanted, target, target || to_tsquery('simple', person.mark));
            end if;
        end loop;
    end loop;
    return wanted;
end
$$;
grant execute on function record_query to ${appRole};
