-- A cluster that does not answer is left alone by all replicas, except for one probe at a time.

create table cluster_breaker (
    tenant_id  uuid        not null,
    cluster_id uuid        not null,
    failures   int         not null,
    since      timestamptz not null default now(),
    words      text        not null,
    opened_at  timestamptz,
    probe_at   timestamptz,
    probes     int         not null default 0,
    constraint cluster_breaker_pk primary key (tenant_id, cluster_id),
    constraint cluster_breaker_of_a_cluster foreign key (tenant_id, cluster_id) references cluster (tenant_id, id),
    constraint cluster_breaker_counts_failures check (failures >= 1 and probes >= 0),
    constraint cluster_breaker_open_has_a_probe check ((opened_at is null) = (probe_at is null)),
    constraint cluster_breaker_words_are_bounded check (length(words) <= 4000)
);
comment on table cluster_breaker is 'clusters that did not answer the last deliveries; no row for one that did. Open while opened_at is set: then nothing is delivered but one probe, not before probe_at';
call protect_tenant_table('cluster_breaker', 'select, insert, update, delete');
