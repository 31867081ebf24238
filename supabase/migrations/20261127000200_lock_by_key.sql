-- The job of a worker is found by its key, however little is known of the tables. Touches: ingestion_jobs (function lock_live_job).

-- Locks a job's document and the job; empty when the job is not the caller's any more. Whether the document is deleted is asked of the row
-- that was found: as a condition of the search it made the planner, which had seen no documents yet, read the index of all that are not.
create or replace function public.lock_live_job(p_job_id uuid, p_attempt integer)
returns setof public.ingestion_jobs language sql set search_path = '' as $$
  with document as materialized (
    select d.deleted_at from public.documents d
    where d.id = (select j.document_id from public.ingestion_jobs j where j.id = p_job_id) for update
  )
  select j.* from document d, public.ingestion_jobs j
  where j.id = p_job_id and j.attempt = p_attempt and j.status in ('queued', 'processing') and d.deleted_at is null
  for update of j;
$$;
