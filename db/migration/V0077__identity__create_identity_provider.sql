-- Signing in by an OpenID Connect provider: whose word a tenant takes, who of its people is who there, and what was spent.

create table identity_provider (
    tenant_id           uuid        not null,
    issuer              text        not null,
    client_id           text        not null,
    client_secret       bytea       not null,
    label               text        not null,
    portal              text        not null,
    longest_session     interval    not null,
    set_at              timestamptz not null default now(),
    enabled_at          timestamptz,
    passwords_closed_at timestamptz,
    emergency_person_id uuid,
    constraint identity_provider_pk primary key (tenant_id),
    constraint identity_provider_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint identity_provider_emergency_is_a_person foreign key (tenant_id, emergency_person_id) references person (tenant_id, id),
    constraint identity_provider_addresses_are_bounded check (length(issuer) between 1 and 1024 and length(portal) between 1 and 1024),
    constraint identity_provider_client_is_bounded check (length(client_id) between 1 and 255),
    constraint identity_provider_secret_is_sealed check (octet_length(client_secret) between 38 and 2048),
    constraint identity_provider_label_is_bounded check (length(label) between 1 and 60),
    constraint identity_provider_session_is_bounded check (longest_session between interval '1 hour' and interval '30 days'),
    -- Nobody is locked out: without the provider passwords open, and one password always does.
    constraint identity_provider_closes_passwords_only_while_enabled check (passwords_closed_at is null or enabled_at is not null),
    constraint identity_provider_leaves_one_password check ((passwords_closed_at is null) = (emergency_person_id is null))
);
comment on table identity_provider is 'the OpenID Connect provider of a tenant; client_secret is encrypted by the portal and bound to tenant, row and column; portal: the address that people know the portal by; emergency_person_id: the administrator whose password does while those of all others are closed';
call protect_tenant_table('identity_provider', 'select, insert, update, delete');

create table person_link (
    tenant_id uuid        not null,
    person_id uuid        not null,
    issuer    text        not null,
    subject   text        not null,
    linked_at timestamptz not null default now(),
    constraint person_link_pk primary key (tenant_id, person_id),
    constraint person_link_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint person_link_account_is_of_one_person unique (tenant_id, issuer, subject),
    constraint person_link_is_bounded check (length(issuer) between 1 and 1024 and length(subject) between 1 and 255)
);
comment on table person_link is 'who of the tenant an account at a provider is; issuer and subject never change there, names and addresses do and are not looked at';
call protect_tenant_table('person_link', 'select, insert, delete');

create table person_link_code (
    tenant_id  uuid        not null,
    person_id  uuid        not null,
    digest     bytea       not null,
    expires_at timestamptz not null,
    constraint person_link_code_pk primary key (tenant_id, person_id),
    constraint person_link_code_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint person_link_code_is_of_one_person unique (tenant_id, digest),
    constraint person_link_code_is_a_digest check (octet_length(digest) = 32)
);
comment on table person_link_code is 'the SHA-256 of a code by which a person says once which account at the provider is theirs';
call protect_tenant_table('person_link_code', 'select, insert, update, delete');

create table spent_sign_in (
    tenant_id uuid        not null,
    digest    bytea       not null,
    spent_at  timestamptz not null default now(),
    constraint spent_sign_in_pk primary key (tenant_id, digest),
    constraint spent_sign_in_is_a_digest check (octet_length(digest) = 32)
);
create index spent_sign_in_by_age on spent_sign_in (tenant_id, spent_at);
comment on table spent_sign_in is 'the SHA-256 of the states that a provider''s answer came back with, for as long as one lives: none counts twice';
call protect_tenant_table('spent_sign_in', 'select, insert, delete');

alter function erase_person(uuid, text, text, text) rename to erase_person_before_providers;

-- As before, and who they are elsewhere.
create function erase_person(erased uuid, full_name text, pseudonym text, new_username text) returns void
language plpgsql
as $$
declare
    tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
begin
    perform erase_person_before_providers(erased, full_name, pseudonym, new_username);
    delete from person_link l where l.tenant_id = tenant and l.person_id = erased;
    delete from person_link_code c where c.tenant_id = tenant and c.person_id = erased;
end
$$;
grant execute on function erase_person to ${appRole};
