-- Ingestion jobs: one ingestion of a document, and the version of its index. Touches: public.ingestion_jobs, public.documents.
create table public.ingestion_jobs (
  id uuid constraint ingestion_jobs_pkey primary key default gen_random_uuid(),
  document_id uuid not null constraint ingestion_jobs_document_fkey references public.documents (id) on delete cascade,
  owner_id uuid not null,
  number integer not null,
  reason text not null constraint ingestion_jobs_reason_known check (reason in ('upload', 'reprocess', 'recover')),
  event_id text not null constraint ingestion_jobs_event_unique unique,
  status text not null default 'queued' constraint ingestion_jobs_status_known
    check (status in ('queued', 'processing', 'ready', 'error', 'cancelled', 'superseded')),
  stage text constraint ingestion_jobs_stage_known
    check (stage in ('download', 'parse', 'chunk', 'embed', 'publish')),
  attempt integer not null default 0,
  run_id text,
  heartbeat_at timestamptz not null default now(),
  pages_done integer not null default 0,
  pages_total integer,
  chunks_total integer,
  chunks_embedded integer not null default 0,
  chunks_reused integer not null default 0,
  tokens bigint not null default 0,
  embed_requests integer not null default 0,
  parsed_title text,
  warnings jsonb not null default '[]',
  error jsonb,
  timings jsonb not null default '{}',
  settings jsonb not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  constraint ingestion_jobs_number_unique unique (document_id, number),
  constraint ingestion_jobs_chunks_within_plan check (chunks_embedded <= chunks_total)
);

comment on table public.ingestion_jobs is 'One ingestion of a document; its chunks are one version of the index.';
comment on column public.ingestion_jobs.attempt is 'Raised by each run that takes the job up. Every write names the attempt it belongs to, so a late worker changes nothing.';
comment on column public.ingestion_jobs.event_id is 'The event that asked for the job: the same event twice is the same job.';
comment on column public.ingestion_jobs.timings is 'When each stage began: {stage: timestamp}.';

-- At most one job of a document is in work.
create unique index ingestion_jobs_one_live on public.ingestion_jobs (document_id) where status in ('queued', 'processing');
create index ingestion_jobs_owner on public.ingestion_jobs (owner_id);
create index ingestion_jobs_heartbeat on public.ingestion_jobs (heartbeat_at) where status in ('queued', 'processing');

alter table public.documents add constraint documents_active_job_fkey
  foreign key (active_job_id) references public.ingestion_jobs (id) on delete set null;

alter table public.ingestion_jobs enable row level security;

create policy ingestion_jobs_select_own on public.ingestion_jobs for select to authenticated
  using ((select auth.uid()) = owner_id);

revoke all on public.ingestion_jobs from anon, authenticated;
grant select on public.ingestion_jobs to authenticated;
grant all on public.ingestion_jobs to service_role;
