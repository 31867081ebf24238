-- Queue position: how many of the owner's jobs are taken up before a document's. Touches: public.ingestion_jobs (an index), document_overviews.
create index ingestion_jobs_queue on public.ingestion_jobs (owner_id, created_at) where status = 'queued';

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
  d.parent_id,
  (
    select jsonb_agg(jsonb_build_object(
      'documentId', c.id, 'fileName', a.file_name, 'status', c.status,
      'reason', coalesce(a.refusal, c.error ->> 'message'), 'isRemoved', a.removed_at is not null
    ) order by a.position)
    from public.attachments a left join public.documents c on c.id = a.document_id and c.deleted_at is null
    where a.parent_id = d.id
  ) as attachments,
  coalesce(active.coverage, newest.coverage) as coverage,
  coalesce(active.language, newest.language) as language,
  case when newest.status = 'queued' then (
    select count(*) from public.ingestion_jobs before
    where before.owner_id = d.owner_id and before.status = 'queued' and before.created_at < newest.created_at
  ) end as ahead
from public.documents d
left join lateral (
  select j.* from public.ingestion_jobs j where j.document_id = d.id order by j.number desc limit 1
) newest on true
left join public.ingestion_jobs active on active.id = d.active_job_id
where d.deleted_at is null;
