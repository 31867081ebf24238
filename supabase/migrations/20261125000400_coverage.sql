-- Coverage: how much of a document was read, for the API and the screen. Touches: public.ingestion_jobs, the overviews.
alter table public.ingestion_jobs add column coverage jsonb;

comment on column public.ingestion_jobs.coverage is 'How much was read: pages by source, characters, encoding. Null before the document was parsed.';

-- Records what a stage found out. Counts never fall; a key that is not there changes nothing. False when the job is not the caller's any more.
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
  return true;
end;
$$;

-- The same as before, and what was only kept until the job was published: pages and what was recognised on them.
create or replace function public.list_orphan_objects(p_seconds integer, p_limit integer)
returns table (bucket text, name text) language sql stable set search_path = '' as $$
  select o.bucket_id, o.name from storage.objects o
  where o.created_at < now() - make_interval(secs => p_seconds) and (
    (o.bucket_id = 'documents'
      and not exists (select 1 from public.documents d where d.storage_key = o.name)
      and not exists (select 1 from public.uploads u where u.storage_key = o.name))
    or (o.bucket_id = 'ingestion' and not exists (
      select 1 from public.ingestion_jobs j join public.documents d on d.id = j.document_id
      where j.id::text = split_part(o.name, '/', 3) and public.is_job_kept(j, d)
        and not (j.status = 'ready' and split_part(o.name, '/', 4) similar to '(chunks|pages|scan)-%')
    ))
  )
  order by o.created_at limit p_limit;
$$;

create or replace view public.document_overviews with (security_invoker = true) as
select
  d.id, d.owner_id, d.title, d.file_name, d.title || ' ' || d.file_name as names, d.media_type, d.size_bytes, d.sha256, d.storage_key, d.status, d.error,
  d.created_at, d.updated_at,
  newest.id as job_id, newest.number as job_number, newest.status as job_status, newest.stage,
  newest.pages_done, newest.pages_total, newest.chunks_total, newest.chunks_embedded, newest.chunks_reused,
  newest.tokens, newest.embed_requests, newest.started_at,
  newest.timings,
  coalesce(active.warnings, newest.warnings) as warnings,
  coalesce(active.chunks_total, 0) as served_chunks,
  active.pages_total as served_pages,
  d.active_job_id, d.previous_job_id, newest.resumes_at,
  coalesce(active.coverage, newest.coverage) as coverage
from public.documents d
left join lateral (
  select j.* from public.ingestion_jobs j where j.document_id = d.id order by j.number desc limit 1
) newest on true
left join public.ingestion_jobs active on active.id = d.active_job_id
where d.deleted_at is null;
