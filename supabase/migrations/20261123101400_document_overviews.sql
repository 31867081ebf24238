-- Overviews: a document with its newest job and its served index, for the API. Touches: nothing.
create view public.document_overviews with (security_invoker = true) as
select
  d.id, d.owner_id, d.title, d.file_name, d.title || ' ' || d.file_name as names, d.media_type, d.size_bytes, d.sha256, d.storage_key, d.status, d.error,
  d.created_at, d.updated_at,
  newest.id as job_id, newest.number as job_number, newest.status as job_status, newest.stage,
  newest.pages_done, newest.pages_total, newest.chunks_total, newest.chunks_embedded, newest.chunks_reused,
  newest.tokens, newest.embed_requests, newest.started_at,
  newest.timings,
  coalesce(active.warnings, newest.warnings) as warnings,
  coalesce(active.chunks_total, 0) as served_chunks,
  active.pages_total as served_pages
from public.documents d
left join lateral (
  select j.* from public.ingestion_jobs j where j.document_id = d.id order by j.number desc limit 1
) newest on true
left join public.ingestion_jobs active on active.id = d.active_job_id
where d.deleted_at is null;

comment on view public.document_overviews is 'A document, its newest job, and what of it is served.';

create function public.count_documents()
returns table (status text, count bigint) language sql stable set search_path = '' as $$
  select d.status, count(*) from public.documents d
  where d.owner_id = (select auth.uid()) and d.deleted_at is null group by d.status;
$$;

revoke all on public.document_overviews from anon, authenticated;
grant select on public.document_overviews to authenticated, service_role;
revoke all on function public.count_documents() from public, anon;
grant execute on function public.count_documents() to authenticated, service_role;
