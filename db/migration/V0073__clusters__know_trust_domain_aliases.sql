alter table cluster
    add column trust_domain_aliases text[] not null default '{}',
    add constraint cluster_trust_domain_aliases_are_bounded check (cardinality(trust_domain_aliases) <= 20 and array_position(trust_domain_aliases, null) is null);
comment on column cluster.trust_domain_aliases is 'meshConfig.trustDomainAliases: a policy that names one of them means the whole mesh''s identities';
