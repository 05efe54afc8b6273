create table cluster (
    tenant_id             uuid        not null,
    id                    uuid        not null,
    name                  text        not null,
    api_server            text        not null,
    certificate_authority text,
    credential_kind       text        not null,
    credential            bytea       not null,
    credential_version    bigint      not null default 1,
    trust_domain          text        not null,
    root_namespace        text        not null,
    path_normalization    text        not null,
    kubernetes_version    text        not null,
    istio_version         text,
    cluster_uid           text        not null,
    registered_at         timestamptz not null default now(),
    registered_by         text        not null,
    constraint cluster_pk primary key (tenant_id, id),
    constraint cluster_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint cluster_name_is_unique unique (tenant_id, name),
    constraint cluster_name_is_a_dns_label check (name ~ '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'),
    constraint cluster_api_server_is_bounded check (length(api_server) between 1 and 2048),
    constraint cluster_certificate_authority_is_bounded check (length(certificate_authority) <= 65536),
    constraint cluster_credential_kind_is_known check (credential_kind in ('TOKEN', 'CERTIFICATE', 'IN_CLUSTER')),
    constraint cluster_credential_is_bounded check (octet_length(credential) between 37 and 262144),
    constraint cluster_trust_domain_is_bounded check (length(trust_domain) between 1 and 253),
    constraint cluster_root_namespace_is_a_dns_label check (root_namespace ~ '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'),
    constraint cluster_path_normalization_is_known check (path_normalization in ('NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES')),
    constraint cluster_versions_are_bounded check (length(kubernetes_version) <= 100 and length(istio_version) <= 100),
    constraint cluster_uid_is_bounded check (length(cluster_uid) between 1 and 100)
);
comment on table cluster is 'a Kubernetes API endpoint of a tenant; credential is encrypted by the portal and bound to tenant, row and column';
call protect_tenant_table('cluster', 'select, insert, update');

create table cluster_retirement (
    tenant_id  uuid        not null,
    cluster_id uuid        not null,
    at         timestamptz not null default now(),
    by         text        not null,
    reason     text        not null,
    constraint cluster_retirement_pk primary key (tenant_id, cluster_id),
    constraint cluster_retirement_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint cluster_retirement_reason_is_bounded check (length(reason) between 1 and 1000)
);
comment on table cluster_retirement is 'that a cluster is no longer used, who said so and why; its name stays taken';
call protect_tenant_table('cluster_retirement', 'select, insert');

create table cluster_namespace (
    tenant_id   uuid not null,
    cluster_id  uuid not null,
    namespace   text not null,
    cluster_uid text not null,
    constraint cluster_namespace_pk primary key (tenant_id, cluster_id, namespace),
    constraint cluster_namespace_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    -- The one key that crosses tenants: a namespace of a cluster belongs to one of them, whoever registers the cluster how often.
    constraint cluster_namespace_belongs_to_one_tenant unique (cluster_uid, namespace),
    constraint cluster_namespace_is_a_dns_label check (namespace ~ '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')
);
comment on table cluster_namespace is 'the namespaces that a tenant owns in a cluster';
call protect_tenant_table('cluster_namespace', 'select, insert, delete');

create table cluster_state (
    tenant_id     uuid        not null,
    cluster_id    uuid        not null,
    last_ok_at    timestamptz,
    failing_since timestamptz,
    last_error    text,
    constraint cluster_state_pk primary key (tenant_id, cluster_id),
    constraint cluster_state_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint cluster_state_failure_has_words check ((failing_since is null) = (last_error is null)),
    constraint cluster_state_error_is_bounded check (length(last_error) <= 2100)
);
comment on table cluster_state is 'when a cluster last answered, and since when and why it does not';
call protect_tenant_table('cluster_state', 'select, insert, update');
