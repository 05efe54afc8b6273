#!/bin/sh
# Run by the PostgreSQL image at its first start: the two roles of db/roles.sql, with passwords from the environment.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  -v owner_password="$COUNTERSIGN_OWNER_PASSWORD" -v app_password="$COUNTERSIGN_APP_PASSWORD" <<'SQL'
create role countersign_owner login nosuperuser nobypassrls password :'owner_password';
create role countersign_app login nosuperuser nobypassrls password :'app_password';
create database countersign owner countersign_owner;
SQL
