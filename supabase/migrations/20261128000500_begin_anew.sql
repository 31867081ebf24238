-- A job whose document is to be read, cut or embedded otherwise than when it began gives way to one by the settings of now. Touches:
-- ingestion_jobs, documents, outbox, ingestion_events (function begin_anew).

-- Queues a job's document again and so supersedes the job, which is taken up first where p_progress names the run that knows it (see
-- enter_stage). False when the job is not the caller's any more, as when somebody else has done this before.
create function public.begin_anew(p_job_id uuid, p_attempt integer, p_progress jsonb, p_settings jsonb)
returns boolean language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
begin
  if not public.enter_stage(p_job_id, p_attempt, null, p_progress) then return false; end if;
  select * into v_job from public.ingestion_jobs j where j.id = p_job_id;
  insert into public.ingestion_events (document_id, job_id, owner_id, stage, code, message)
  values (v_job.document_id, p_job_id, v_job.owner_id, v_job.stage, 'settings_changed', 'The settings have changed since it began.');
  perform public.queue_job(v_job.document_id, 'reprocess', p_settings);
  return true;
end;
$$;

revoke all on function public.begin_anew(uuid, integer, jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.begin_anew(uuid, integer, jsonb, jsonb) to service_role;
