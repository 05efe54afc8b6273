-- Every delivery changes its row three times (claimed, begun, recorded). With room on its page two of the three need no new entry in
-- any index, and what they leave is cleared away by the next who reads the page; the rest is vacuumed before it is a fifth of the table.
alter table policy_object set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
