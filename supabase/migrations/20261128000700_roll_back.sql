-- Rolling back is the last word until somebody asks for a reprocess. Touches: documents, ingestion_jobs (function roll_back_document).

-- Serves the former index again, and keeps the present one as the former: doing it twice is undoing it. A job that has failed is over
-- then: it would be asked for again and undo this. Answers `done`, `busy` while a job is in work, or `none` when no former index is kept;
-- empty when there is no such document.
create or replace function public.roll_back_document(p_owner_id uuid, p_document_id uuid)
returns setof text language plpgsql set search_path = '' as $$
declare
  v_document public.documents;
  v_former public.ingestion_jobs;
begin
  select d.* into v_document from public.documents d
  where d.id = p_document_id and d.owner_id = p_owner_id and d.deleted_at is null for update;
  if not found then return; end if;
  if exists (select 1 from public.ingestion_jobs j where j.document_id = p_document_id and j.status in ('queued', 'processing')) then
    return next 'busy';
    return;
  end if;
  select j.* into v_former from public.ingestion_jobs j where j.id = v_document.previous_job_id;
  if not found then
    return next 'none';
    return;
  end if;

  update public.ingestion_jobs set status = 'superseded' where document_id = p_document_id and status = 'error';
  update public.documents
  set status = 'ready', active_job_id = v_former.id, previous_job_id = v_document.active_job_id, previous_since = now(),
      error = null, updated_at = now(),
      title = case when title_given then title else coalesce(nullif(v_former.parsed_title, ''), title) end
  where id = p_document_id;
  insert into public.ingestion_events (document_id, job_id, owner_id, code, message)
  values (p_document_id, v_former.id, p_owner_id, 'rolled_back', format('Went back to the index of job %s.', v_former.number));
  return next 'done';
end;
$$;
