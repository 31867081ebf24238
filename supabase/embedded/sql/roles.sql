-- The API's roles and the schemas that a hosted project starts with. Touches: roles, schemas.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator noinherit nologin;
grant anon, authenticated, service_role to authenticator;

create schema extensions;
create schema auth;
create schema storage;
create schema supabase_migrations;

-- Tables of the schema public are granted by migrations, one by one: new projects get no default privileges.
grant usage on schema public, extensions, auth, storage to anon, authenticated, service_role;

-- The two extensions that every project has; the others are there to be created by a migration.
create extension "uuid-ossp" with schema extensions;
create extension pgcrypto with schema extensions;

create table supabase_migrations.schema_migrations (
  version text not null primary key,
  statements text[],
  name text,
  created_by text,
  idempotency_key text unique,
  rollback text[]
);
