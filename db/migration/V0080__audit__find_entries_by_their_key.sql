-- Each mention asks for its entry by the key. Before a table has been analysed the indexes that begin with the tenant seem all the same to
-- the planner; it takes the youngest, and by that of the times it read every entry of the tenant at each append. So the key is made last.
-- Nobody appends meanwhile: some seconds for each million entries.
alter table audit_mention drop constraint audit_mention_in_an_entry;
alter table audit_entry drop constraint audit_entry_pk;
alter table audit_entry add constraint audit_entry_pk primary key (tenant_id, seq);
alter table audit_mention add constraint audit_mention_in_an_entry foreign key (tenant_id, seq) references audit_entry (tenant_id, seq);
