-- Locks are taken in one order everywhere: the document, its job, the outbox; of several the one with the lower id first. Touches: documents,
-- ingestion_jobs, outbox (functions start_job, mark_dispatch_failed, mark_dispatched).

-- A run takes a job up and enters its first stage; the event that started it has been sent, then, whoever should have noted that. The same
-- run again gets the same attempt; another run gets the next one, and so shuts the former out. A failed job may be taken up again (a
-- replay) while it is the newest one. Without a job id the event itself asks for one.
create or replace function public.start_job(p_document_id uuid, p_job_id uuid, p_event_id text, p_run_id text, p_settings jsonb)
returns table (
  job_id uuid, attempt integer, number integer, document_id uuid, owner_id uuid, storage_key text, file_name text, media_type text,
  size_bytes bigint, sha256 text, settings jsonb
) language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_job_id uuid;
  v_is_there boolean;
begin
  perform 1 from public.documents d where d.id = p_document_id and d.deleted_at is null for update;
  v_is_there := found;
  update public.outbox set sent_at = now(), attempts = attempts + 1 where id = p_event_id and sent_at is null;
  if not v_is_there then return; end if;

  select j.* into v_job from public.ingestion_jobs j
  where j.document_id = p_document_id and (j.id = p_job_id or (p_job_id is null and j.event_id = p_event_id));
  if not found then
    if p_job_id is not null then return; end if;
    v_job_id := public.queue_job(p_document_id, 'reprocess', p_settings, p_event_id);
    select j.* into v_job from public.ingestion_jobs j where j.id = v_job_id;
  end if;

  if v_job.status not in ('queued', 'processing', 'error') or exists (
    select 1 from public.ingestion_jobs j where j.document_id = p_document_id and j.number > v_job.number
  ) then return; end if;
  if v_job.status = 'processing' and v_job.run_id is distinct from p_run_id
    and v_job.heartbeat_at > coalesce(v_job.recovered_at, '-infinity') then
    return;
  end if;

  update public.documents d set status = 'processing', error = null, updated_at = now() where d.id = p_document_id;
  return query
    update public.ingestion_jobs j
    set status = 'processing', run_id = p_run_id, error = null, finished_at = null, heartbeat_at = now(), resumes_at = null,
        started_at = coalesce(j.started_at, now()),
        attempt = j.attempt + case when j.run_id is not distinct from p_run_id then 0 else 1 end,
        stage = 'download', timings = jsonb_build_object('download', now()) || j.timings
    from public.documents d
    where j.id = v_job.id and d.id = p_document_id
    returning j.id, j.attempt, j.number, d.id, d.owner_id, d.storage_key, d.file_name, d.media_type, d.size_bytes, d.sha256, j.settings;
end;
$$;

-- Notes of events that they were tried, and sent where p_is_sent says so.
create function public.note_events(p_event_ids text[], p_is_sent boolean)
returns void language sql set search_path = '' as $$
  with waiting as materialized (
    select o.id from public.outbox o where o.id = any (p_event_ids) and o.sent_at is null order by o.id for update
  )
  update public.outbox o set attempts = o.attempts + 1, sent_at = case when p_is_sent then now() end
  from waiting w where o.id = w.id;
$$;

-- The job's event could not be sent. The job stays queued; the document says why nothing happens, until a run takes the job up.
create or replace function public.mark_dispatch_failed(p_event_ids text[], p_error jsonb)
returns void language sql set search_path = '' as $$
  with waiting as materialized (
    select d.id from public.documents d join public.ingestion_jobs j on j.document_id = d.id
    where j.event_id = any (p_event_ids) and j.status = 'queued' and d.deleted_at is null and d.status in ('queued', 'ready')
    order by d.id for update of d
  )
  update public.documents d
  set status = case when d.active_job_id is null then 'error' else 'ready' end, error = p_error, updated_at = now()
  from waiting w where d.id = w.id;
  select public.note_events(p_event_ids, false);
$$;

-- The events are on their way. A document that said dispatch_failed waits in the queue again.
create or replace function public.mark_dispatched(p_event_ids text[])
returns void language sql set search_path = '' as $$
  with waiting as materialized (
    select d.id from public.documents d join public.ingestion_jobs j on j.document_id = d.id
    where j.event_id = any (p_event_ids) and j.status = 'queued' and d.deleted_at is null
      and d.error ->> 'code' = 'dispatch_failed'
    order by d.id for update of d
  )
  update public.documents d set status = 'queued', error = null, updated_at = now() from waiting w where d.id = w.id;
  select public.note_events(p_event_ids, true);
$$;

revoke all on function public.note_events(text[], boolean) from public, anon, authenticated;
grant execute on function public.note_events(text[], boolean) to service_role;
