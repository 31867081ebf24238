-- Left-overs: what nobody will ask for any more. Touches: nothing but public.outbox.
-- Objects are found here and removed by the Storage API, which alone can remove the file with its row.

-- Objects that belong to nothing, oldest first: originals without a document or a granted upload, texts of jobs that are not kept, and
-- batches of jobs that have been published. At least p_seconds old, for a row may follow its object.
create function public.list_orphan_objects(p_seconds integer, p_limit integer)
returns table (bucket text, name text) language sql stable set search_path = '' as $$
  select o.bucket_id, o.name from storage.objects o
  where o.created_at < now() - make_interval(secs => p_seconds) and (
    (o.bucket_id = 'documents'
      and not exists (select 1 from public.documents d where d.storage_key = o.name)
      and not exists (select 1 from public.uploads u where u.storage_key = o.name))
    or (o.bucket_id = 'ingestion' and not exists (
      select 1 from public.ingestion_jobs j join public.documents d on d.id = j.document_id
      where j.id::text = split_part(o.name, '/', 3) and public.is_job_kept(j, d)
        and not (j.status = 'ready' and o.name like '%/chunks-%')
    ))
  )
  order by o.created_at limit p_limit;
$$;

-- Documents with passages that nobody will read any more.
create function public.list_prunable_documents(p_limit integer)
returns setof uuid language sql stable set search_path = '' as $$
  select distinct d.id from public.ingestion_jobs j join public.documents d on d.id = j.document_id
  where d.deleted_at is null and not public.is_job_kept(j, d)
    and exists (select 1 from public.chunks c where c.job_id = j.id)
  limit p_limit;
$$;

-- Forgets events that were sent long ago. Answers how many.
create function public.prune_outbox(p_seconds integer, p_limit integer)
returns integer language plpgsql set search_path = '' as $$
declare
  v_removed integer;
begin
  delete from public.outbox where id in (
    select o.id from public.outbox o where o.sent_at < now() - make_interval(secs => p_seconds) limit p_limit
  );
  get diagnostics v_removed = row_count;
  return v_removed;
end;
$$;

revoke all on function public.list_orphan_objects(integer, integer) from public, anon, authenticated;
revoke all on function public.list_prunable_documents(integer) from public, anon, authenticated;
revoke all on function public.prune_outbox(integer, integer) from public, anon, authenticated;
grant execute on function public.list_orphan_objects(integer, integer) to service_role;
grant execute on function public.list_prunable_documents(integer) to service_role;
grant execute on function public.prune_outbox(integer, integer) to service_role;
