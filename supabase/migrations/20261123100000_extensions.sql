-- Extensions that the schema needs. Touches: schema extensions.
create schema if not exists extensions;
create extension if not exists vector with schema extensions;
