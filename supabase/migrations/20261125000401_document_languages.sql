-- Languages of documents: told by the parse stage, shown with what is served, or with what is in work. Touches: the overviews.

-- Records what a stage found out. Counts never fall; a key that is not there changes nothing. The language is settled once passages are
-- stored. False when the job is not the caller's any more.
create or replace function public.record_progress(p_job_id uuid, p_attempt integer, p_progress jsonb)
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
      warnings = coalesce(p_progress -> 'warnings', warnings),
      coverage = coalesce(p_progress -> 'coverage', coverage)
  where id = p_job_id;
  update public.ingestion_jobs
  set language = p_progress ->> 'language', text_config = public.text_config(p_progress ->> 'language')
  where id = p_job_id and p_progress ? 'language' and chunks_embedded = 0;
  return true;
end;
$$;
