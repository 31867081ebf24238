-- Ingestion events: the timeline of a document. Touches: public.ingestion_events.
create table public.ingestion_events (
  id bigint generated always as identity constraint ingestion_events_pkey primary key,
  document_id uuid not null constraint ingestion_events_document_fkey references public.documents (id) on delete cascade,
  job_id uuid constraint ingestion_events_job_fkey references public.ingestion_jobs (id) on delete cascade,
  owner_id uuid not null,
  level text not null default 'info' constraint ingestion_events_level_known check (level in ('info', 'warn', 'error')),
  stage text,
  code text not null,
  message text not null,
  at timestamptz not null default now()
);

comment on table public.ingestion_events is 'One line of the timeline of a document, for its owner to read.';

create index ingestion_events_document on public.ingestion_events (document_id, id desc);
create index ingestion_events_job on public.ingestion_events (job_id);

alter table public.ingestion_events enable row level security;

create policy ingestion_events_select_own on public.ingestion_events for select to authenticated
  using ((select auth.uid()) = owner_id);

revoke all on public.ingestion_events from anon, authenticated;
grant select on public.ingestion_events to authenticated;
grant all on public.ingestion_events to service_role;
