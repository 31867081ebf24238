-- A document of one batch: what its stages tell and ask goes together. Touches: ingestion_jobs (functions enter_stage, record_progress,
-- begin_stage, publish_job), outbox (function start_job), embedding_pace (function prepare_batch), chunks (function store_last_chunks).

-- Enters a stage, where one is named, and records what was found out before it, where there is something. Counts never fall; a key that is
-- not there changes nothing. `entered` of p_progress names stages that were entered before and not told yet, with the milliseconds since.
-- How passages are indexed stays as it was once there are some. False when the job is not the caller's any more.
create function public.enter_stage(p_job_id uuid, p_attempt integer, p_stage text, p_progress jsonb)
returns boolean language plpgsql set search_path = '' as $$
declare
  v_entered jsonb := case when p_stage is null then '{}' else jsonb_build_object(p_stage, now()) end;
begin
  perform public.lock_live_job(p_job_id, p_attempt);
  if not found then return false; end if;
  if p_progress is null then
    update public.ingestion_jobs set heartbeat_at = now(), stage = coalesce(p_stage, stage), timings = v_entered || timings
    where id = p_job_id;
    return true;
  end if;
  select v_entered || coalesce(jsonb_object_agg(e.key, now() - make_interval(secs => e.value::double precision / 1000)), '{}')
  into v_entered from jsonb_each_text(p_progress -> 'entered') e;
  update public.ingestion_jobs j
  set heartbeat_at = now(), stage = coalesce(p_stage, j.stage), timings = v_entered || j.timings,
      pages_done = greatest(j.pages_done, (p_progress ->> 'pagesDone')::integer),
      pages_total = coalesce((p_progress ->> 'pagesTotal')::integer, j.pages_total),
      chunks_total = coalesce((p_progress ->> 'chunksTotal')::integer, j.chunks_total),
      parsed_title = coalesce(p_progress ->> 'title', j.parsed_title),
      warnings = coalesce(p_progress -> 'warnings', j.warnings),
      coverage = coalesce(p_progress -> 'coverage', j.coverage),
      language = case when l.is_new then p_progress ->> 'language' else j.language end,
      text_config = case when l.is_new then public.text_config(p_progress ->> 'language') else j.text_config end
  from (select k.id, p_progress ? 'language' and k.chunks_embedded = 0 as is_new from public.ingestion_jobs k where k.id = p_job_id) l
  where j.id = l.id;
  return true;
end;
$$;

revoke all on function public.enter_stage(uuid, integer, text, jsonb) from public, anon, authenticated;
grant execute on function public.enter_stage(uuid, integer, text, jsonb) to service_role;

-- Records what a stage found out (see enter_stage).
create or replace function public.record_progress(p_job_id uuid, p_attempt integer, p_progress jsonb)
returns boolean language sql set search_path = '' as $$
  select public.enter_stage(p_job_id, p_attempt, null, p_progress);
$$;

-- Enters a stage (see enter_stage) and answers with what the stage works on.
create or replace function public.begin_stage(p_job_id uuid, p_attempt integer, p_stage text, p_progress jsonb default null)
returns table (
  job_id uuid, attempt integer, number integer, document_id uuid, owner_id uuid, storage_key text, file_name text, media_type text,
  size_bytes bigint, sha256 text, settings jsonb
) language plpgsql set search_path = '' as $$
begin
  if not public.enter_stage(p_job_id, p_attempt, p_stage, p_progress) then return; end if;
  return query
    select j.id, j.attempt, j.number, d.id, d.owner_id, d.storage_key, d.file_name, d.media_type, d.size_bytes, d.sha256, j.settings
    from public.ingestion_jobs j join public.documents d on d.id = j.document_id where j.id = p_job_id;
end;
$$;

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
begin
  update public.outbox set sent_at = now(), attempts = attempts + 1 where id = p_event_id and sent_at is null;
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

drop function public.prepare_batch(uuid, integer, integer[], text[], integer[], text, integer, integer, double precision);

-- What there is to do for a batch: {missing: [{ordinal, cached}], turn}. `missing` is what read_missing_chunks tells; `turn` is that of
-- take_embedding_turn, null where nothing is to be paid for. With p_progress the stage is entered with it (see enter_stage); null when
-- the job is not the caller's any more.
create function public.prepare_batch(
  p_job_id uuid, p_attempt integer, p_ordinals integer[], p_hashes text[], p_token_counts integer[],
  p_model text, p_requests_per_minute integer, p_tokens_per_minute integer, p_longest_wait double precision, p_progress jsonb default null
)
returns jsonb language plpgsql set search_path = '' as $$
declare
  v_missing jsonb;
  v_tokens integer;
  v_turn jsonb;
begin
  if p_progress is not null and not public.enter_stage(p_job_id, p_attempt, 'embed', p_progress) then return null; end if;
  select jsonb_agg(to_jsonb(m) order by m.ordinal), sum(w.tokens) filter (where not m.cached) into v_missing, v_tokens
  from public.read_missing_chunks(p_job_id, p_attempt, p_ordinals, p_hashes) m
  join unnest(p_ordinals, p_token_counts) as w (ordinal, tokens) on w.ordinal = m.ordinal;
  if v_tokens is not null then
    select to_jsonb(t) into v_turn
    from public.take_embedding_turn(p_model, v_tokens, p_requests_per_minute, p_tokens_per_minute, p_longest_wait) t;
  end if;
  return jsonb_build_object('missing', coalesce(v_missing, '[]'), 'turn', v_turn);
end;
$$;

revoke all on function public.prepare_batch(uuid, integer, integer[], text[], integer[], text, integer, integer, double precision, jsonb)
  from public, anon, authenticated;
grant execute on function public.prepare_batch(uuid, integer, integer[], text[], integer[], text, integer, integer, double precision, jsonb)
  to service_role;

-- Enters the last stage and makes the job's passages the ones that search sees, when all are there.
create or replace function public.publish_job(p_job_id uuid, p_attempt integer)
returns jsonb language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_entered jsonb := jsonb_build_object('publish', now());
  v_stored integer;
  v_missing jsonb;
begin
  select * into v_job from public.lock_live_job(p_job_id, p_attempt);
  if not found then return null; end if;

  select count(*) into v_stored from public.chunks c where c.job_id = p_job_id and c.ordinal < v_job.chunks_total;
  if v_stored is distinct from v_job.chunks_total or v_stored = 0 then
    update public.ingestion_jobs set stage = 'publish', heartbeat_at = now(), timings = v_entered || timings where id = p_job_id;
    select coalesce(jsonb_agg(m.ordinal), '[]') into v_missing from (
      select planned.ordinal from generate_series(0, v_job.chunks_total - 1) as planned (ordinal)
      where not exists (select 1 from public.chunks c where c.job_id = p_job_id and c.ordinal = planned.ordinal)
      order by planned.ordinal limit 20
    ) m;
    return jsonb_build_object('published', false, 'planned', v_job.chunks_total, 'stored', v_stored, 'missing', v_missing);
  end if;

  update public.ingestion_jobs
  set status = 'ready', stage = 'publish', finished_at = now(), heartbeat_at = now(), error = null, timings = v_entered || timings
  where id = p_job_id;
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

-- Stores the last passages of a job and publishes it, both or neither. Answers what publish_job answers.
create function public.store_last_chunks(p_job_id uuid, p_attempt integer, p_chunks json, p_tokens integer, p_requests integer)
returns jsonb language plpgsql set search_path = '' as $$
begin
  if not public.store_chunks(p_job_id, p_attempt, p_chunks, p_tokens, p_requests) then return null; end if;
  return public.publish_job(p_job_id, p_attempt);
end;
$$;

revoke all on function public.store_last_chunks(uuid, integer, json, integer, integer) from public, anon, authenticated;
grant execute on function public.store_last_chunks(uuid, integer, json, integer, integer) to service_role;
