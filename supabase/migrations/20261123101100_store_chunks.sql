-- Storing: a batch of passages with their vectors in one statement. Touches: chunks, embedding_cache, ingestion_jobs.

-- Which of a batch are not stored yet, and whether their vector was paid for before. Empty when the job is not the caller's any more
-- or everything is stored.
create function public.read_missing_chunks(p_job_id uuid, p_attempt integer, p_ordinals integer[], p_hashes text[])
returns table (ordinal integer, cached boolean) language sql stable set search_path = '' as $$
  select wanted.ordinal, exists (
    select 1 from public.embedding_cache e
    where e.owner_id = j.owner_id and e.model = j.settings ->> 'model'
      and e.dimensions = (j.settings ->> 'dimensions')::integer and e.content_hash = wanted.content_hash
  )
  from public.ingestion_jobs j
  cross join unnest(p_ordinals, p_hashes) as wanted (ordinal, content_hash)
  where j.id = p_job_id and j.attempt = p_attempt and j.status in ('queued', 'processing')
    and not exists (select 1 from public.chunks c where c.job_id = j.id and c.ordinal = wanted.ordinal)
  order by wanted.ordinal;
$$;

-- Stores passages; one that is there already stays as it is. `embedding` is the vector as integers (times 1e6), which costs a
-- sixth of what decimals cost to read, or null when the cache has it. False when the job is not the caller's any more.
create function public.store_chunks(p_job_id uuid, p_attempt integer, p_chunks json, p_tokens integer, p_requests integer)
returns boolean language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_stored integer;
  v_reused integer;
begin
  select * into v_job from public.lock_live_job(p_job_id, p_attempt);
  if not found then return false; end if;

  with given as materialized (
    select g.*, extensions.l2_normalize(g.embedding::extensions.vector) as fresh
    from json_to_recordset(p_chunks) as g (
      id uuid, ordinal integer, content text, heading_path text[], page_from integer, page_to integer,
      char_from integer, char_to integer, token_count integer, content_hash text, embedding text
    )
  ), stored as (
    insert into public.chunks (id, job_id, document_id, owner_id, ordinal, content, heading_path, page_from, page_to,
                               char_from, char_to, token_count, content_hash, embedding)
    select g.id, v_job.id, v_job.document_id, v_job.owner_id, g.ordinal, g.content, g.heading_path, g.page_from, g.page_to,
           g.char_from, g.char_to, g.token_count, g.content_hash, coalesce(g.fresh, e.embedding)
    from given g
    left join public.embedding_cache e
      on g.fresh is null and e.owner_id = v_job.owner_id and e.model = v_job.settings ->> 'model'
      and e.dimensions = (v_job.settings ->> 'dimensions')::integer and e.content_hash = g.content_hash
    on conflict (job_id, ordinal) do nothing
    returning ordinal
  ), remembered as (
    insert into public.embedding_cache (owner_id, model, dimensions, content_hash, document_id, embedding)
    select distinct on (g.content_hash) v_job.owner_id, v_job.settings ->> 'model',
           (v_job.settings ->> 'dimensions')::integer, g.content_hash, v_job.document_id, g.fresh
    from given g where g.fresh is not null
    order by g.content_hash
    on conflict do nothing
  )
  select count(*), count(*) filter (where g.fresh is null) into v_stored, v_reused
  from stored s join given g on g.ordinal = s.ordinal;

  update public.ingestion_jobs
  set chunks_embedded = chunks_embedded + v_stored, chunks_reused = chunks_reused + v_reused,
      tokens = tokens + p_tokens, embed_requests = embed_requests + p_requests, heartbeat_at = now()
  where id = p_job_id;
  return true;
end;
$$;

revoke all on function public.read_missing_chunks(uuid, integer, integer[], text[]) from public, anon, authenticated;
revoke all on function public.store_chunks(uuid, integer, json, integer, integer) from public, anon, authenticated;
grant execute on function public.read_missing_chunks(uuid, integer, integer[], text[]) to service_role;
grant execute on function public.store_chunks(uuid, integer, json, integer, integer) to service_role;
