alter table access_request add column admired boolean not null default false;
