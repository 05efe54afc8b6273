-- One busy table a migration: two in one transaction may deadlock with who is at work on both.

alter table policy_object add column admired_at timestamptz;
create index policy_object_admired on policy_object (tenant_id, admired_at) where admired_at is not null;
