-- Working on a job: taking it up, entering stages, progress. Touches: documents, ingestion_jobs, ingestion_events.
-- Every function answers with no row when the job is not the caller's any more: cancelled, superseded, deleted, or taken up by a later run.

create function public.lock_live_job(p_job_id uuid, p_attempt integer)
returns setof public.ingestion_jobs language sql set search_path = '' as $$
  select j.* from public.documents d join public.ingestion_jobs j on j.document_id = d.id
  where j.id = p_job_id and j.attempt = p_attempt and j.status in ('queued', 'processing') and d.deleted_at is null
  for update;
$$;

-- A run takes a job up. The same run again gets the same attempt; another run gets the next one, and so shuts the former out.
-- A failed job may be taken up again (a replay) while it is the newest one. Without a job id the event itself asks for one.
create function public.start_job(p_document_id uuid, p_job_id uuid, p_event_id text, p_run_id text, p_settings jsonb)
returns table (job_id uuid, attempt integer, owner_id uuid) language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_job_id uuid;
begin
  perform 1 from public.documents d where d.id = p_document_id and d.deleted_at is null for update;
  if not found then return; end if;

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

  update public.documents d set status = 'processing', error = null, updated_at = now() where d.id = p_document_id;
  return query
    update public.ingestion_jobs j
    set status = 'processing', run_id = p_run_id, error = null, finished_at = null, heartbeat_at = now(),
        started_at = coalesce(j.started_at, now()),
        attempt = j.attempt + case when j.run_id is not distinct from p_run_id then 0 else 1 end
    where j.id = v_job.id
    returning j.id, j.attempt, j.owner_id;
end;
$$;

-- Enters a stage and answers with what the stage works on.
create function public.begin_stage(p_job_id uuid, p_attempt integer, p_stage text)
returns table (
  job_id uuid, attempt integer, document_id uuid, owner_id uuid, storage_key text, file_name text, media_type text,
  size_bytes bigint, sha256 text, settings jsonb, chunks_total integer
) language plpgsql set search_path = '' as $$
begin
  perform public.lock_live_job(p_job_id, p_attempt);
  if not found then return; end if;
  return query
    update public.ingestion_jobs j
    set stage = p_stage, heartbeat_at = now(), timings = jsonb_build_object(p_stage, now()) || j.timings
    from public.documents d
    where j.id = p_job_id and d.id = j.document_id
    returning j.id, j.attempt, d.id, d.owner_id, d.storage_key, d.file_name, d.media_type, d.size_bytes, d.sha256,
      j.settings, j.chunks_total;
end;
$$;

-- Records what a stage found out. Counts never fall; a key that is not there changes nothing. False when the job is not the caller's any more.
create function public.record_progress(p_job_id uuid, p_attempt integer, p_progress jsonb)
returns boolean language plpgsql set search_path = '' as $$
begin
  perform public.lock_live_job(p_job_id, p_attempt);
  if not found then return false; end if;
  update public.ingestion_jobs
  set heartbeat_at = now(),
      pages_done = greatest(pages_done, (p_progress ->> 'pagesDone')::integer),
      pages_total = coalesce((p_progress ->> 'pagesTotal')::integer, pages_total),
      chunks_total = coalesce((p_progress ->> 'chunksTotal')::integer, chunks_total),
      parsed_title = coalesce(p_progress ->> 'title', parsed_title),
      warnings = coalesce(p_progress -> 'warnings', warnings)
  where id = p_job_id;
  return true;
end;
$$;

-- The next line of a document's timeline.
create function public.record_event(p_job_id uuid, p_level text, p_stage text, p_code text, p_message text)
returns void language sql set search_path = '' as $$
  insert into public.ingestion_events (document_id, job_id, owner_id, level, stage, code, message)
  select j.document_id, j.id, j.owner_id, p_level, p_stage, p_code, p_message
  from public.ingestion_jobs j where j.id = p_job_id;
$$;

revoke all on function public.lock_live_job(uuid, integer) from public, anon, authenticated;
revoke all on function public.start_job(uuid, uuid, text, text, jsonb) from public, anon, authenticated;
revoke all on function public.begin_stage(uuid, integer, text) from public, anon, authenticated;
revoke all on function public.record_progress(uuid, integer, jsonb) from public, anon, authenticated;
revoke all on function public.record_event(uuid, text, text, text, text) from public, anon, authenticated;
grant execute on function public.lock_live_job(uuid, integer) to service_role;
grant execute on function public.start_job(uuid, uuid, text, text, jsonb) to service_role;
grant execute on function public.begin_stage(uuid, integer, text) to service_role;
grant execute on function public.record_progress(uuid, integer, jsonb) to service_role;
grant execute on function public.record_event(uuid, text, text, text, text) to service_role;
