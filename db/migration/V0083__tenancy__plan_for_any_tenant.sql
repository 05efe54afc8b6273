-- The planner looks up who the tenant is while it plans, and a connection keeps the plan. One made for a tenant of a few rows, or of none
-- yet, was then used for a tenant of a million: it read all of them where it could have asked by the key. As a subquery the tenant is
-- unknown to the planner: the plan is one for any tenant.
--
-- One table at a time, and each is waited for two seconds at a time, so that nobody queues for long behind who reads one for minutes. One
-- that cannot be had keeps the older form, which separates tenants as well.

create or replace procedure protect_tenant_table(name regclass, privileges text)
language plpgsql
as $$
begin
    execute format('alter table %s enable row level security', name);
    execute format('alter table %s force row level security', name);
    execute format(
        'create policy tenant_isolation on %s
             using (tenant_id = (select nullif(current_setting(''app.tenant'', true), '''')::uuid))
             with check (tenant_id = (select nullif(current_setting(''app.tenant'', true), '''')::uuid))', name);
    execute format('grant %s on %s to ${appRole}', privileges, name);
end
$$;
revoke execute on procedure protect_tenant_table from public;

do $$
declare
    known   regclass;
    altered boolean;
begin
    for known in select polrelid::regclass from pg_policy where polname = 'tenant_isolation' loop
        for try in 1..100 loop
            perform set_config('lock_timeout', '2s', true);
            begin
                execute format(
                    'alter policy tenant_isolation on %s
                         using (tenant_id = (select nullif(current_setting(''app.tenant'', true), '''')::uuid))
                         with check (tenant_id = (select nullif(current_setting(''app.tenant'', true), '''')::uuid))', known);
                altered := true;
            exception when lock_not_available then
                altered := false;
            end;
            commit;
            exit when altered;
            perform pg_sleep(0.2);
        end loop;
        if not altered then
            raise warning 'somebody read the table % for minutes: its policy is still planned for one tenant', known;
        end if;
    end loop;
end
$$;
