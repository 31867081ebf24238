-- A job that an outage ended does not wait until its end was announced. Touches: function list_interrupted_jobs.

-- Jobs that ended by one of the codes, and not just now; for each nobody has asked again, by a newer job or by an event that still waits.
create or replace function public.list_interrupted_jobs(
  p_lease_seconds integer, p_owner_limit integer, p_total_limit integer, p_codes text[]
)
returns setof public.ingestion_jobs language sql stable set search_path = '' as $$
  select j.* from public.ingestion_jobs j join public.documents d on d.id = j.document_id
  where j.status = 'error' and j.error ->> 'code' = any (p_codes) and d.deleted_at is null
    and greatest(j.finished_at, j.recovered_at) < now() - make_interval(secs => p_lease_seconds)
    and not exists (
      select 1 from public.ingestion_jobs newer where newer.document_id = j.document_id and newer.number > j.number
    )
    and not exists (
      select 1 from public.outbox o
      where o.sent_at is null and o.data ->> 'jobId' = j.id::text
        and o.name in ('document.uploaded', 'document.reprocess.requested')
    )
    and not public.is_at_capacity(j.owner_id, p_lease_seconds, p_owner_limit, p_total_limit)
  order by j.finished_at limit 100;
$$;
