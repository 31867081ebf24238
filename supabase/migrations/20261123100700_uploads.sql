-- Uploads: files that a browser may send straight to Storage, until they are registered. Touches: public.uploads.
create table public.uploads (
  id uuid constraint uploads_pkey primary key,
  owner_id uuid not null constraint uploads_owner_fkey references auth.users (id) on delete cascade,
  file_name text not null,
  size_bytes bigint not null,
  storage_key text not null constraint uploads_storage_key_unique unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

comment on table public.uploads is 'A granted direct upload. The row goes when the file is registered as a document.';

create index uploads_owner on public.uploads (owner_id);

alter table public.uploads enable row level security;

revoke all on public.uploads from anon, authenticated;
grant all on public.uploads to service_role;
