-- Run once by a superuser on a PostgreSQL 18 server of your own, before the portal's first start:
--   psql -v owner_password=... -v app_password=... -f db/roles.sql
create role countersign_owner login nosuperuser nobypassrls password :'owner_password';
create role countersign_app login nosuperuser nobypassrls password :'app_password';
create database countersign owner countersign_owner;
