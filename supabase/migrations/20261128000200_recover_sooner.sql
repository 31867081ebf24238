-- A job does not wait to be asked for again until something else of it was announced. Touches: functions awaits_event, list_stalled_jobs, list_interrupted_jobs.

-- Whether an event that asks for the job waits in the outbox: then nobody needs to ask again. What tells of an earlier end may wait there, too.
create function public.awaits_event(p_job_id uuid) returns boolean language sql stable set search_path = '' as $$
  select exists (
    select 1 from public.outbox o
    where o.sent_at is null and o.data ->> 'jobId' = p_job_id::text
      and o.name in ('document.uploaded', 'document.reprocess.requested')
  );
$$;
revoke all on function public.awaits_event(uuid) from public, anon, authenticated;
grant execute on function public.awaits_event(uuid) to service_role;

-- The jobs that have stalled: in work, and without a sign of life for the lease. Three kinds of silence are none: a rest that another
-- service asked for, an event that still waits in the outbox, and waiting for capacity.
create or replace function public.list_stalled_jobs(p_lease_seconds integer, p_owner_limit integer, p_total_limit integer)
returns setof public.ingestion_jobs language sql stable set search_path = '' as $$
  select j.* from public.ingestion_jobs j join public.documents d on d.id = j.document_id
  where j.status in ('queued', 'processing') and d.deleted_at is null
    and greatest(j.heartbeat_at, j.recovered_at, j.resumes_at) < now() - make_interval(secs => p_lease_seconds)
    and not public.awaits_event(j.id)
    and not public.is_at_capacity(j.owner_id, p_lease_seconds, p_owner_limit, p_total_limit)
  order by j.heartbeat_at limit 100;
$$;

-- The jobs that an outage ended: with one of p_codes, longer ago than the lease, and with nothing newer for their documents.
create or replace function public.list_interrupted_jobs(p_lease_seconds integer, p_owner_limit integer, p_total_limit integer, p_codes text[])
returns setof public.ingestion_jobs language sql stable set search_path = '' as $$
  select j.* from public.ingestion_jobs j join public.documents d on d.id = j.document_id
  where j.status = 'error' and j.error ->> 'code' = any (p_codes) and d.deleted_at is null
    and greatest(j.finished_at, j.recovered_at) < now() - make_interval(secs => p_lease_seconds)
    and not exists (
      select 1 from public.ingestion_jobs newer where newer.document_id = j.document_id and newer.number > j.number
    )
    and not public.awaits_event(j.id)
    and not public.is_at_capacity(j.owner_id, p_lease_seconds, p_owner_limit, p_total_limit)
  order by j.finished_at limit 100;
$$;
