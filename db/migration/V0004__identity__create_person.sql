create table person (
    tenant_id      uuid        not null,
    id             uuid        not null,
    username       text        not null,
    display_name   text        not null,
    password_hash  text,
    created_at     timestamptz not null default now(),
    deactivated_at timestamptz,
    deactivated_by text,
    version        bigint      not null default 0,
    constraint person_pk primary key (tenant_id, id),
    constraint person_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint person_username_is_unique unique (tenant_id, username),
    constraint person_username_is_plain check (username ~ '^[a-z0-9][-a-z0-9._]{0,62}$'),
    constraint person_display_name_is_short check (length(display_name) between 1 and 253),
    constraint person_deactivation_has_an_actor check ((deactivated_at is null) = (deactivated_by is null))
);
comment on table person is 'a person of a tenant; username without @tenant, lower case';
call protect_tenant_table('person', 'select, insert, update');

create table person_role (
    tenant_id uuid not null,
    person_id uuid not null,
    role      text not null,
    constraint person_role_pk primary key (tenant_id, person_id, role),
    constraint person_role_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint person_role_is_known check (role in ('SECURITY', 'AUDITOR', 'ADMINISTRATOR'))
);
comment on table person_role is 'what a person may do beyond asking, which everyone may';
call protect_tenant_table('person_role', 'select, insert, delete');

create table team (
    tenant_id  uuid        not null,
    id         uuid        not null,
    slug       text        not null,
    name       text        not null,
    created_at timestamptz not null default now(),
    version    bigint      not null default 0,
    constraint team_pk primary key (tenant_id, id),
    constraint team_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint team_slug_is_unique unique (tenant_id, slug),
    constraint team_slug_is_a_dns_label check (slug ~ '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'),
    constraint team_name_is_short check (length(name) between 1 and 253)
);
comment on table team is 'owns workloads';
call protect_tenant_table('team', 'select, insert, update');

create table team_member (
    tenant_id uuid not null,
    team_id   uuid not null,
    person_id uuid not null,
    constraint team_member_pk primary key (tenant_id, team_id, person_id),
    constraint team_member_of_a_team foreign key (tenant_id, team_id) references team (tenant_id, id),
    constraint team_member_is_a_person foreign key (tenant_id, person_id) references person (tenant_id, id)
);
create index team_member_by_person on team_member (tenant_id, person_id);
comment on table team_member is 'who belongs to a team';
call protect_tenant_table('team_member', 'select, insert, delete');

create table api_token (
    tenant_id    uuid        not null,
    id           uuid        not null,
    person_id    uuid        not null,
    name         text        not null,
    scopes       text[]      not null,
    secret_hash  bytea       not null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    revoked_by   text,
    constraint api_token_pk primary key (tenant_id, id),
    constraint api_token_of_a_person foreign key (tenant_id, person_id) references person (tenant_id, id),
    constraint api_token_name_is_short check (length(name) between 1 and 100),
    constraint api_token_hash_is_sha256 check (length(secret_hash) = 32),
    constraint api_token_expires_after_creation check (expires_at > created_at),
    constraint api_token_revocation_has_an_actor check ((revoked_at is null) = (revoked_by is null)),
    constraint api_token_scopes_are_known check (scopes <@ array['read', 'request', 'review', 'admin']::text[] and cardinality(scopes) >= 1)
);
create index api_token_by_person on api_token (tenant_id, person_id);
comment on table api_token is 'bearer tokens of the REST API: only the SHA-256 of the secret part is kept';
call protect_tenant_table('api_token', 'select, insert, update');

create table sign_in_attempt (
    key          text        not null,
    window_start timestamptz not null,
    failures     int         not null,
    constraint sign_in_attempt_pk primary key (key),
    constraint sign_in_attempt_key_is_a_hash check (key ~ '^[0-9a-f]{64}$')
);
comment on table sign_in_attempt is 'platform: failed sign-ins by hashed name or address, shared by all replicas';
grant select, insert, update, delete on sign_in_attempt to ${appRole};

create table platform_operator (
    id            uuid        not null,
    username      text        not null,
    password_hash text        not null,
    created_at    timestamptz not null default now(),
    constraint platform_operator_pk primary key (id),
    constraint platform_operator_username_is_unique unique (username)
);
comment on table platform_operator is 'platform: people who run the installation; they see no content of a tenant';
grant select on platform_operator to ${appRole};
