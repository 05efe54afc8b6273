-- Many of one cluster can be due while the clusters beside it wait: the oldest of each are found without a look at the others.

create index policy_object_due_of_cluster on policy_object (tenant_id, cluster_id, due_at) where due_at is not null;
