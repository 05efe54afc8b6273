-- Whose a claim is, so that what a replica was at that died is taken over before its lease ends.

create sequence replica_life as int cycle;
comment on sequence replica_life is 'numbers by which replicas live: each holds a session lock under one of its own, which PostgreSQL frees when the replica dies';
grant usage on sequence replica_life to ${appRole};

alter table policy_object add column claimed_by int;
comment on column policy_object.claimed_by is 'the number of the replica that holds the lease; null where there is none, or where only the lease tells whether it lives';

alter table delivery_repository add column claimed_by int;
comment on column delivery_repository.claimed_by is 'the number of the replica that holds the lease; null where there is none, or where only the lease tells whether it lives';
