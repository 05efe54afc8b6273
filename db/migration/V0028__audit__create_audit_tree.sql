-- The Merkle tree over the record. Everything but the checkpoints can be made again from audit_entry.

create table audit_tree (
    tenant_id uuid   not null,
    size      bigint not null,
    digest    bytea  not null,
    constraint audit_tree_pk primary key (tenant_id),
    constraint audit_tree_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint audit_tree_counts_up check (size >= 0),
    constraint audit_tree_digest_is_sha256 check (length(digest) = 32)
);
comment on table audit_tree is 'how far the record is in the tree, and the digest of the last entry in it; its row lock makes one replica at a time the sequencer';
call protect_tenant_table('audit_tree', 'select, insert, update');

create table audit_tile (
    tenant_id uuid     not null,
    level     smallint not null,
    number    bigint   not null,
    hashes    bytea    not null,
    constraint audit_tile_pk primary key (tenant_id, level, number),
    constraint audit_tile_in_a_tree foreign key (tenant_id) references audit_tree (tenant_id),
    constraint audit_tile_is_addressed check (level between 0 and 7 and number >= 0),
    constraint audit_tile_holds_up_to_256_hashes check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0)
);
comment on table audit_tile is 'C2SP tlog-tiles of height 8: up to 256 hashes each; a full tile never changes';
call protect_tenant_table('audit_tile', 'select, insert, update');

create table audit_key (
    tenant_id  uuid        not null,
    public_key bytea       not null,
    since      timestamptz not null default now(),
    constraint audit_key_pk primary key (tenant_id, public_key),
    constraint audit_key_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint audit_key_is_ed25519 check (length(public_key) = 32)
);
comment on table audit_key is 'public keys that have signed checkpoints of the tenant, so that old checkpoints stay verifiable after a rotation';
call protect_tenant_table('audit_key', 'select, insert');

create table audit_checkpoint (
    tenant_id uuid        not null,
    size      bigint      not null,
    note      text        not null,
    at        timestamptz not null default now(),
    constraint audit_checkpoint_pk primary key (tenant_id, size),
    constraint audit_checkpoint_of_a_tenant foreign key (tenant_id) references tenant (id),
    constraint audit_checkpoint_covers_something check (size >= 1),
    constraint audit_checkpoint_is_bounded check (octet_length(note) <= 4000)
);
comment on table audit_checkpoint is 'signed checkpoints (C2SP signed notes), each an extension of the one before; inserted and read, never changed';
call protect_tenant_table('audit_checkpoint', 'select, insert');
create trigger audit_key_is_append_only before update or delete on audit_key
    for each row execute function refuse_to_change_the_record();
create trigger audit_key_is_never_truncated before truncate on audit_key
    for each statement execute function refuse_to_change_the_record();
create trigger audit_checkpoint_is_append_only before update or delete on audit_checkpoint
    for each row execute function refuse_to_change_the_record();
create trigger audit_checkpoint_is_never_truncated before truncate on audit_checkpoint
    for each statement execute function refuse_to_change_the_record();
