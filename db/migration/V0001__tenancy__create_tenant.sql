-- Whose data it is. Runs as the owner of the schema; ${appRole} is the role of the portal's connection pool, which owns nothing.

create table tenant (
    id         uuid        not null,
    slug       text        not null,
    name       text        not null,
    created_at timestamptz not null default now(),
    constraint tenant_pk primary key (id),
    constraint tenant_slug_is_unique unique (slug),
    constraint tenant_slug_is_a_dns_label check (slug ~ '^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$'),
    constraint tenant_name_is_short check (length(name) between 1 and 200)
);
comment on table tenant is 'platform: the directory of tenants, read before a tenant is known; holds no tenant data';
grant select, insert on tenant to ${appRole};

-- Every table of tenant data is created and then given to this procedure in the same file. Row-level security is forced, so
-- that even the owner sees one tenant at a time; without app.tenant nothing is visible and nothing can be written.
create procedure protect_tenant_table(name regclass, privileges text)
language plpgsql
as $$
begin
    execute format('alter table %s enable row level security', name);
    execute format('alter table %s force row level security', name);
    execute format(
        'create policy tenant_isolation on %s
             using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
             with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', name);
    execute format('grant %s on %s to ${appRole}', privileges, name);
end
$$;
comment on procedure protect_tenant_table is 'forces row-level security on a table of tenant data and grants the pool role its privileges';
revoke execute on procedure protect_tenant_table from public;

create extension if not exists pg_trgm;
