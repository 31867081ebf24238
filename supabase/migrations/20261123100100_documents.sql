-- Documents: the files that owners put in. Touches: public.documents.
create table public.documents (
  id uuid constraint documents_pkey primary key,
  owner_id uuid not null constraint documents_owner_fkey references auth.users (id) on delete cascade,
  title text not null,
  title_given boolean not null default false,
  file_name text not null,
  media_type text not null,
  size_bytes bigint not null constraint documents_size_positive check (size_bytes > 0),
  sha256 text not null constraint documents_sha256_form check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_key text not null constraint documents_storage_key_unique unique,
  status text not null default 'queued'
    constraint documents_status_known check (status in ('queued', 'processing', 'ready', 'error', 'cancelled')),
  active_job_id uuid,
  error jsonb,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint documents_ready_has_index check (status <> 'ready' or active_job_id is not null),
  constraint documents_error_has_reason check (status <> 'error' or error is not null)
);

comment on table public.documents is 'A file that an owner put in. Search sees the chunks of active_job_id and nothing else.';
comment on column public.documents.deleted_at is 'The fence: no work on a document goes on once this is set.';
comment on column public.documents.title_given is 'True when the owner named the document; else the title found in the file replaces it.';

-- The same bytes by the same owner are the same document, also when several uploads race.
create unique index documents_owner_sha256_unique on public.documents (owner_id, sha256) where deleted_at is null;
create index documents_owner_created on public.documents (owner_id, created_at desc, id desc);
create index documents_active_job on public.documents (active_job_id);

alter table public.documents enable row level security;

create policy documents_select_own on public.documents for select to authenticated
  using (deleted_at is null and (select auth.uid()) = owner_id);

revoke all on public.documents from anon, authenticated;
grant select on public.documents to authenticated;
grant all on public.documents to service_role;
