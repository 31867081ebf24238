-- What is told of a document of one passage is not told in the plural. Touches: ingestion_jobs (function publish_job).

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
  values (v_job.document_id, p_job_id, v_job.owner_id, 'publish', 'published',
          v_stored || case v_stored when 1 then ' passage is searchable.' else ' passages are searchable.' end);
  return jsonb_build_object('published', true, 'planned', v_stored, 'stored', v_stored, 'missing', '[]'::jsonb);
end;
$$;
