-- One run a job: a second event for a job in work starts nothing. Touches: documents, ingestion_jobs.

-- A run takes a job up. The same run again gets the same attempt; another run gets the next one, and so shuts the former out.
-- A failed job may be taken up again (a replay) while it is the newest one. Without a job id the event itself asks for one.
-- A job in work stays with the run that has it until it is asked for again, and then goes to one run only: another one would pay once
-- more for the passages that the former has at the provider.
create or replace function public.start_job(p_document_id uuid, p_job_id uuid, p_event_id text, p_run_id text, p_settings jsonb)
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
  if v_job.status = 'processing' and v_job.run_id is distinct from p_run_id
    and v_job.heartbeat_at > coalesce(v_job.recovered_at, '-infinity') then
    return;
  end if;

  update public.documents d set status = 'processing', error = null, updated_at = now() where d.id = p_document_id;
  return query
    update public.ingestion_jobs j
    set status = 'processing', run_id = p_run_id, error = null, finished_at = null, heartbeat_at = now(), resumes_at = null,
        started_at = coalesce(j.started_at, now()),
        attempt = j.attempt + case when j.run_id is not distinct from p_run_id then 0 else 1 end
    where j.id = v_job.id
    returning j.id, j.attempt, j.owner_id;
end;
$$;
