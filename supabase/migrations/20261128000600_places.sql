-- A long document holds several places at once, and who waits behind it has not stalled. Touches: ingestion_jobs (functions enter_stage,
-- is_at_capacity).
alter table public.ingestion_jobs add column places integer not null default 1;

comment on column public.ingestion_jobs.places is 'How many steps of it run side by side while passages are embedded.';

-- Whether an owner's jobs may only be waiting for their turn: those that show life hold as many places as there are, of the owner or of all.
create or replace function public.is_at_capacity(p_owner_id uuid, p_lease_seconds integer, p_owner_limit integer, p_total_limit integer)
returns boolean language sql stable set search_path = '' as $$
  select coalesce(sum(h.places) >= p_total_limit or sum(h.places) filter (where h.owner_id = p_owner_id) >= p_owner_limit, false)
  from (
    select j.owner_id, case j.stage when 'embed' then j.places else 1 end as places from public.ingestion_jobs j
    where j.status = 'processing' and j.heartbeat_at >= now() - make_interval(secs => p_lease_seconds)
  ) h;
$$;

-- Enters a stage, where one is named, and records what was found out before it, where there is something. Counts never fall; a key that is
-- not there changes nothing. `entered` of p_progress names stages that were entered before and not told yet, with the milliseconds since.
-- How passages are indexed stays as it was once there are some. `runId` names the run of a worker that knows all that start_job would answer,
-- for it has just registered the file itself: its first call takes the job up. False when the job is not the caller's any more, or has
-- become another run's.
create or replace function public.enter_stage(p_job_id uuid, p_attempt integer, p_stage text, p_progress jsonb)
returns boolean language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_entered jsonb := case when p_stage is null then '{}' else jsonb_build_object(p_stage, now()) end;
  v_began timestamptz;
  v_run_id text := p_progress ->> 'runId';
  v_is_new boolean := false;
begin
  if v_run_id is not null then
    select * into v_job from public.lock_live_job(p_job_id, p_attempt - 1) l where l.status = 'queued';
    v_is_new := found;
  end if;
  if not v_is_new then
    select * into v_job from public.lock_live_job(p_job_id, p_attempt);
    if not found or v_job.run_id is distinct from coalesce(v_run_id, v_job.run_id) then return false; end if;
  end if;
  if p_progress is null then
    update public.ingestion_jobs set heartbeat_at = now(), stage = coalesce(p_stage, stage), timings = v_entered || timings
    where id = p_job_id;
    return true;
  end if;
  select v_entered || coalesce(jsonb_object_agg(e.key, e.at), '{}'), coalesce(min(e.at), now()) into v_entered, v_began
  from (
    select t.key, now() - make_interval(secs => t.value::double precision / 1000) as at from jsonb_each_text(p_progress -> 'entered') t
  ) e;
  if v_is_new then
    update public.outbox set sent_at = now(), attempts = attempts + 1 where id = v_job.event_id and sent_at is null;
    update public.documents set status = 'processing', error = null, updated_at = now() where id = v_job.document_id;
    v_entered := jsonb_build_object('download', v_began) || v_entered;
    v_job.status := 'processing';
    v_job.attempt := p_attempt;
    v_job.run_id := v_run_id;
    v_job.started_at := v_began;
  end if;
  if p_progress ? 'language' and v_job.chunks_embedded = 0 then
    v_job.language := p_progress ->> 'language';
    v_job.text_config := public.text_config(v_job.language);
  end if;
  update public.ingestion_jobs j
  set status = v_job.status, attempt = v_job.attempt, run_id = v_job.run_id, started_at = v_job.started_at,
      heartbeat_at = now(), stage = coalesce(p_stage, j.stage), timings = v_entered || j.timings,
      pages_done = greatest(j.pages_done, (p_progress ->> 'pagesDone')::integer),
      pages_total = coalesce((p_progress ->> 'pagesTotal')::integer, j.pages_total),
      chunks_total = coalesce((p_progress ->> 'chunksTotal')::integer, j.chunks_total),
      parsed_title = coalesce(p_progress ->> 'title', j.parsed_title),
      places = coalesce((p_progress ->> 'places')::integer, j.places),
      warnings = coalesce(p_progress -> 'warnings', j.warnings),
      coverage = coalesce(p_progress -> 'coverage', j.coverage),
      language = v_job.language, text_config = v_job.text_config
  where j.id = p_job_id;
  return true;
end;
$$;
