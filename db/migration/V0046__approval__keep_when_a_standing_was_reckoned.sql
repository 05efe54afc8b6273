alter table request_standing
    add column reckoned_at timestamptz not null default now(),
    add column asked_risk smallint not null default 2,
    add constraint request_standing_asked_risk_is_known check (asked_risk between 0 and 2);
alter table request_standing alter column asked_risk drop default;
create index request_standing_by_reckoning on request_standing (tenant_id, reckoned_at);
comment on column request_standing.reckoned_at is 'when opens, cuts and risk were last reckoned against what was live';
comment on column request_standing.asked_risk is 'the risk of what is asked, whatever it cuts; rows from before this column count as high';
comment on table request_standing is 'for the queue only: what a waiting request would open and cut against what is live, and whose word it still wants; decides nothing';
