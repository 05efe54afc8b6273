-- What the watches saw, kept for reading. Everything here can be thrown away and listed again, but for the owners.

create table catalog_workload (
    tenant_id       uuid  not null,
    cluster_id      uuid  not null,
    namespace       text  not null,
    name            text  not null,
    kind            text  not null,
    uid             text  not null,
    version         text  not null,
    selector_labels jsonb not null,
    pod_labels      jsonb not null,
    service_account text  not null,
    ports           jsonb not null,
    membership      text  not null default 'UNKNOWN',
    constraint catalog_workload_pk primary key (tenant_id, cluster_id, kind, namespace, name),
    constraint catalog_workload_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint catalog_workload_kind_is_known check (kind in ('Deployment', 'StatefulSet', 'DaemonSet')),
    constraint catalog_workload_membership_is_known check (membership in ('SIDECAR', 'AMBIENT', 'NONE', 'UNKNOWN'))
);
create index catalog_workload_by_name on catalog_workload (tenant_id, name, namespace, cluster_id, kind);
create index catalog_workload_by_account on catalog_workload (tenant_id, cluster_id, namespace, service_account);
comment on table catalog_workload is 'workloads as last seen; membership follows from the pods that run';
call protect_tenant_table('catalog_workload', 'select, insert, update, delete');

create table catalog_object (
    tenant_id  uuid  not null,
    cluster_id uuid  not null,
    kind       text  not null,
    namespace  text  not null,
    name       text  not null,
    uid        text  not null,
    version    text  not null,
    facts      jsonb not null,
    constraint catalog_object_pk primary key (tenant_id, cluster_id, kind, namespace, name),
    constraint catalog_object_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint catalog_object_kind_is_known check (kind in ('Namespace', 'Service', 'ServiceAccount', 'Pod'))
);
comment on table catalog_object is 'what of namespaces, services, service accounts and running pods the catalog needs; a namespace lies in itself';
call protect_tenant_table('catalog_object', 'select, insert, update, delete');

create table catalog_policy (
    tenant_id  uuid   not null,
    cluster_id uuid   not null,
    kind       text   not null,
    namespace  text   not null,
    name       text   not null,
    uid        text   not null,
    version    text   not null,
    tree       json   not null,
    managers   text[] not null,
    constraint catalog_policy_pk primary key (tenant_id, cluster_id, kind, namespace, name),
    constraint catalog_policy_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint catalog_policy_kind_is_known check (kind in ('AuthorizationPolicy', 'PeerAuthentication'))
);
comment on table catalog_policy is 'policies as last seen, without their managedFields; managers are those of the spec';
call protect_tenant_table('catalog_policy', 'select, insert, update, delete');

create table catalog_sync (
    tenant_id   uuid        not null,
    cluster_id  uuid        not null,
    holder      text        not null,
    held_until  timestamptz not null,
    constraint catalog_sync_pk primary key (tenant_id, cluster_id),
    constraint catalog_sync_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id)
);
comment on table catalog_sync is 'which replica watches a cluster, and until when its word holds';
call protect_tenant_table('catalog_sync', 'select, insert, update, delete');

create table workload_owner (
    tenant_id  uuid        not null,
    cluster_id uuid        not null,
    namespace  text        not null,
    -- empty: the default of the namespace
    workload   text        not null,
    team_id    uuid        not null,
    set_at     timestamptz not null default now(),
    set_by     text        not null,
    constraint workload_owner_pk primary key (tenant_id, cluster_id, namespace, workload),
    constraint workload_owner_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint workload_owner_is_a_team foreign key (tenant_id, team_id) references team (tenant_id, id),
    constraint workload_owner_names_are_bounded check (length(namespace) between 1 and 63 and length(workload) <= 253)
);
create index workload_owner_by_team on workload_owner (tenant_id, team_id);
comment on table workload_owner is 'which team owns a workload, or by default the workloads of a namespace';
call protect_tenant_table('workload_owner', 'select, insert, update, delete');
