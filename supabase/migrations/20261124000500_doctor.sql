-- The doctor: what is not as it should be, and how much is waiting or kept. Touches: nothing.

-- Documents that only a reprocess mends: queued or in work by their status though no job is (no transition leads there), served with
-- another number of passages than planned, or by another model or dimension than the given one.
create function public.list_broken_documents(p_model text, p_dimensions integer)
returns table (finding text, document_id uuid) language sql stable set search_path = '' as $$
  with idle as (
    select d.* from public.documents d where d.deleted_at is null and not exists (
      select 1 from public.ingestion_jobs j where j.document_id = d.id and j.status in ('queued', 'processing')
    )
  )
  select 'documents_without_job', d.id from idle d where d.status in ('queued', 'processing')
  union all
  select 'incomplete_indexes', d.id from idle d join public.ingestion_jobs j on j.id = d.active_job_id
  where j.chunks_total is distinct from (select count(*) from public.chunks c where c.job_id = j.id)
  union all
  select 'mismatched_models', d.id from idle d join public.ingestion_jobs j on j.id = d.active_job_id
  where (j.settings ->> 'model', (j.settings ->> 'dimensions')::integer) is distinct from (p_model, p_dimensions);
$$;

-- One row for each thing that may be wrong, also when nothing of it was found. `samples`: at most five ids. Thresholds are the caller's.
create function public.examine_knowledgebase(
  p_lease_seconds integer, p_owner_limit integer, p_total_limit integer, p_orphan_seconds integer, p_model text, p_dimensions integer
)
returns table (finding text, found bigint, samples text[]) language sql stable set search_path = '' as $$
  with suspects (finding, id) as (
    select 'stalled_jobs', j.id::text from public.list_stalled_jobs(p_lease_seconds, p_owner_limit, p_total_limit) j
    union all
    select 'unsent_events', o.id from public.outbox o where o.sent_at is null and o.created_at < now() - interval '2 minutes'
    union all
    select b.finding, b.document_id::text from public.list_broken_documents(p_model, p_dimensions) b
    union all
    select 'orphaned_chunks', c.id::text from public.ingestion_jobs j
    join public.documents d on d.id = j.document_id join public.chunks c on c.job_id = j.id
    where not public.is_job_kept(j, d) and j.finished_at < now() - make_interval(secs => p_orphan_seconds)
    union all
    select 'orphaned_objects', o.bucket || '/' || o.name from public.list_orphan_objects(p_orphan_seconds, 10000) o
    union all
    select 'forgotten_uploads', u.id::text from public.uploads u where u.expires_at < now()
    union all
    select 'unremoved_documents', d.id::text from public.documents d
    where d.deleted_at < now() - make_interval(secs => p_orphan_seconds)
  ), known (finding, position) as (
    values ('stalled_jobs', 1), ('unsent_events', 2), ('documents_without_job', 3), ('incomplete_indexes', 4),
      ('mismatched_models', 5), ('orphaned_chunks', 6), ('orphaned_objects', 7), ('forgotten_uploads', 8), ('unremoved_documents', 9)
  )
  select k.finding, count(s.id), coalesce((array_agg(s.id order by s.id) filter (where s.id is not null))[1:5], '{}')
  from known k left join suspects s on s.finding = k.finding
  group by k.finding, k.position order by k.position;
$$;

-- What is there, which is no fault: {documents, queued, processing, failed, chunks, cachedVectors, cacheBytes, oldestQueuedSeconds}.
create function public.describe_knowledgebase()
returns jsonb language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'documents', (select count(*) from public.documents d where d.deleted_at is null),
    'failed', (select count(*) from public.documents d where d.deleted_at is null and d.status = 'error'),
    'queued', (select count(*) from public.ingestion_jobs j where j.status = 'queued'),
    'processing', (select count(*) from public.ingestion_jobs j where j.status = 'processing'),
    'oldestQueuedSeconds', (
      select coalesce(round(extract(epoch from now() - min(j.created_at))), 0) from public.ingestion_jobs j where j.status = 'queued'
    ),
    'chunks', (select count(*) from public.chunks),
    'cachedVectors', (select count(*) from public.embedding_cache),
    'cacheBytes', pg_total_relation_size('public.embedding_cache')
  );
$$;

revoke all on function public.list_broken_documents(text, integer) from public, anon, authenticated;
revoke all on function public.examine_knowledgebase(integer, integer, integer, integer, text, integer) from public, anon, authenticated;
revoke all on function public.describe_knowledgebase() from public, anon, authenticated;
grant execute on function public.list_broken_documents(text, integer) to service_role;
grant execute on function public.examine_knowledgebase(integer, integer, integer, integer, text, integer) to service_role;
grant execute on function public.describe_knowledgebase() to service_role;
