-- Fewer calls: a job that is taken up is in its first stage at once, a stage takes down what the former one found out, and publishing is
-- a stage by itself. Touches: ingestion_jobs (functions begin_stage, start_job, publish_job).

drop function public.begin_stage(uuid, integer, text);

-- Enters a stage and answers with what the stage works on; what was found out before is recorded with it (see record_progress).
create function public.begin_stage(p_job_id uuid, p_attempt integer, p_stage text, p_progress jsonb default null)
returns table (
  job_id uuid, attempt integer, number integer, document_id uuid, owner_id uuid, storage_key text, file_name text, media_type text,
  size_bytes bigint, sha256 text, settings jsonb
) language plpgsql set search_path = '' as $$
begin
  if p_progress is not null then
    if not public.record_progress(p_job_id, p_attempt, p_progress) then return; end if;
  else
    perform public.lock_live_job(p_job_id, p_attempt);
    if not found then return; end if;
  end if;
  return query
    update public.ingestion_jobs j
    set stage = p_stage, heartbeat_at = now(), timings = jsonb_build_object(p_stage, now()) || j.timings
    from public.documents d
    where j.id = p_job_id and d.id = j.document_id
    returning j.id, j.attempt, j.number, d.id, d.owner_id, d.storage_key, d.file_name, d.media_type, d.size_bytes, d.sha256, j.settings;
end;
$$;

revoke all on function public.begin_stage(uuid, integer, text, jsonb) from public, anon, authenticated;
grant execute on function public.begin_stage(uuid, integer, text, jsonb) to service_role;

drop function public.start_job(uuid, uuid, text, text, jsonb);

-- A run takes a job up and enters its first stage. The same run again gets the same attempt; another run gets the next one, and so shuts
-- the former out. A failed job may be taken up again (a replay) while it is the newest one. Without a job id the event itself asks for one.
create function public.start_job(p_document_id uuid, p_job_id uuid, p_event_id text, p_run_id text, p_settings jsonb)
returns table (
  job_id uuid, attempt integer, number integer, document_id uuid, owner_id uuid, storage_key text, file_name text, media_type text,
  size_bytes bigint, sha256 text, settings jsonb
) language plpgsql set search_path = '' as $$
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
  if v_job.status = 'processing' and v_job.run_id is distinct from p_run_id
    and v_job.heartbeat_at > coalesce(v_job.recovered_at, '-infinity') then
    return;
  end if;

  update public.documents d set status = 'processing', error = null, updated_at = now() where d.id = p_document_id;
  update public.ingestion_jobs j
  set status = 'processing', run_id = p_run_id, error = null, finished_at = null, heartbeat_at = now(), resumes_at = null,
      started_at = coalesce(j.started_at, now()),
      attempt = j.attempt + case when j.run_id is not distinct from p_run_id then 0 else 1 end
  where j.id = v_job.id
  returning j.* into v_job;
  return query select * from public.begin_stage(v_job.id, v_job.attempt, 'download');
end;
$$;

revoke all on function public.start_job(uuid, uuid, text, text, jsonb) from public, anon, authenticated;
grant execute on function public.start_job(uuid, uuid, text, text, jsonb) to service_role;

-- Enters the last stage and makes the job's passages the ones that search sees, when all are there.
create or replace function public.publish_job(p_job_id uuid, p_attempt integer)
returns jsonb language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_stored integer;
  v_missing jsonb;
begin
  select * into v_job from public.lock_live_job(p_job_id, p_attempt);
  if not found then return null; end if;

  update public.ingestion_jobs
  set stage = 'publish', heartbeat_at = now(), timings = jsonb_build_object('publish', now()) || timings where id = p_job_id;
  select count(*) into v_stored from public.chunks c where c.job_id = p_job_id and c.ordinal < v_job.chunks_total;
  if v_stored is distinct from v_job.chunks_total or v_stored = 0 then
    select coalesce(jsonb_agg(m.ordinal), '[]') into v_missing from (
      select planned.ordinal from generate_series(0, v_job.chunks_total - 1) as planned (ordinal)
      where not exists (select 1 from public.chunks c where c.job_id = p_job_id and c.ordinal = planned.ordinal)
      order by planned.ordinal limit 20
    ) m;
    return jsonb_build_object('published', false, 'planned', v_job.chunks_total, 'stored', v_stored, 'missing', v_missing);
  end if;

  update public.ingestion_jobs
  set status = 'ready', finished_at = now(), heartbeat_at = now(), error = null where id = p_job_id;
  update public.documents
  set status = 'ready', active_job_id = p_job_id, error = null, updated_at = now(),
      previous_job_id = active_job_id, previous_since = now(),
      title = case when title_given then title else coalesce(nullif(v_job.parsed_title, ''), title) end
  where id = v_job.document_id;
  insert into public.outbox (id, name, data)
  values ('document.ready:' || p_job_id, 'document.ready',
          jsonb_build_object('documentId', v_job.document_id, 'jobId', p_job_id, 'ownerId', v_job.owner_id, 'chunks', v_stored));
  insert into public.ingestion_events (document_id, job_id, owner_id, stage, code, message)
  values (v_job.document_id, p_job_id, v_job.owner_id, 'publish', 'published', v_stored || ' passages are searchable.');
  return jsonb_build_object('published', true, 'planned', v_stored, 'stored', v_stored, 'missing', '[]'::jsonb);
end;
$$;
