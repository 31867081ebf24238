-- What is known of a document once it was read: how much of it, and its language. Touches: public.ingestion_jobs.
alter table public.ingestion_jobs add column coverage jsonb;

comment on column public.ingestion_jobs.coverage is 'How much was read: pages by source, characters, encoding. Null before the document was parsed.';

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
