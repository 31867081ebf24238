-- A vector is stored once: with its passage while that is there, in the cache from then on. Touches: chunks, embedding_cache (view
-- paid_vectors, functions read_missing_chunks, store_chunks, prune_chunks), search_vector.

-- By what was embedded, to find a vector that was paid for.
create index chunks_owner_hash on public.chunks (owner_id, content_hash);
-- Nothing asks for the passages of a document but by its jobs.
drop index public.chunks_document;

comment on table public.embedding_cache is 'A vector paid for, whose passage is gone. It goes with the document that paid for it, so that a deleted document leaves no vector.';

-- Subqueries and no join: the planner began with the jobs, and read all passages of the owner.
create view public.paid_vectors with (security_invoker = true) as
  select c.owner_id,
         (select j.settings ->> 'model' from public.ingestion_jobs j where j.id = c.job_id) as model,
         (select (j.settings ->> 'dimensions')::integer from public.ingestion_jobs j where j.id = c.job_id) as dimensions,
         c.content_hash, c.embedding
  from public.chunks c
  union all
  select e.owner_id, e.model, e.dimensions, e.content_hash, e.embedding from public.embedding_cache e;

comment on view public.paid_vectors is 'Every vector that an owner has paid for; one may be there several times.';

revoke all on public.paid_vectors from public, anon, authenticated;
grant select on public.paid_vectors to service_role;

-- Which of a batch are not stored yet, and whether their vector was paid for before. Empty when the job is not the caller's any more
-- or everything is stored. A scalar subquery with a limit looks each passage up; as a set, all vectors of the owner were read. Where many
-- passages are alike, a planner that expects to meet one soon would read the table for each: so it may not.
create or replace function public.read_missing_chunks(p_job_id uuid, p_attempt integer, p_ordinals integer[], p_hashes text[])
returns table (ordinal integer, cached boolean) language plpgsql stable set search_path = '' set enable_seqscan = off as $$
#variable_conflict use_column
declare
  v_job public.ingestion_jobs;
begin
  select j.* into v_job from public.ingestion_jobs j
  where j.id = p_job_id and j.attempt = p_attempt and j.status in ('queued', 'processing');
  if not found then return; end if;
  return query
    select wanted.ordinal, coalesce((
      select true from public.paid_vectors v
      where v.owner_id = v_job.owner_id and v.content_hash = wanted.content_hash
        and v.model = v_job.settings ->> 'model' and v.dimensions = (v_job.settings ->> 'dimensions')::integer
      limit 1
    ), false)
    from unnest(p_ordinals, p_hashes) as wanted (ordinal, content_hash)
    where (select true from public.chunks c where c.job_id = p_job_id and c.ordinal = wanted.ordinal limit 1) is null
    order by wanted.ordinal;
end;
$$;

-- Stores passages; one that is there already stays as it is. `embedding` is the vector as integers (times 1e6), which costs a
-- sixth of what decimals cost to read, or null where it was paid for before. False when the job is not the caller's any more.
create or replace function public.store_chunks(p_job_id uuid, p_attempt integer, p_chunks json, p_tokens integer, p_requests integer)
returns boolean language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_job public.ingestion_jobs;
  v_stored integer;
  v_reused integer;
begin
  select * into v_job from public.lock_live_job(p_job_id, p_attempt);
  if not found then return false; end if;

  with given as materialized (
    select * from json_to_recordset(p_chunks) as g (
      id uuid, ordinal integer, content text, heading_path text[], page_from integer, page_to integer,
      char_from integer, char_to integer, token_count integer, content_hash text, embedding text
    )
  ), stored as (
    insert into public.chunks (id, job_id, document_id, owner_id, ordinal, content, text_config, heading_path, page_from, page_to,
                               char_from, char_to, token_count, content_hash, embedding)
    select g.id, v_job.id, v_job.document_id, v_job.owner_id, g.ordinal, g.content, v_job.text_config, g.heading_path,
           g.page_from, g.page_to, g.char_from, g.char_to, g.token_count, g.content_hash,
           coalesce(extensions.l2_normalize(g.embedding::extensions.vector), (
             select v.embedding from public.paid_vectors v
             where v.owner_id = v_job.owner_id and v.content_hash = g.content_hash
               and v.model = v_job.settings ->> 'model' and v.dimensions = (v_job.settings ->> 'dimensions')::integer
             limit 1
           ))
    from given g
    on conflict (job_id, ordinal) do nothing
    returning ordinal
  )
  select count(*), count(*) filter (where g.embedding is null) into v_stored, v_reused
  from stored s join given g on g.ordinal = s.ordinal;

  update public.ingestion_jobs
  set chunks_embedded = chunks_embedded + v_stored, chunks_reused = chunks_reused + v_reused,
      tokens = tokens + p_tokens, embed_requests = embed_requests + p_requests, heartbeat_at = now()
  where id = p_job_id;
  return true;
end;
$$;

-- Removes up to p_limit passages of a document that nobody will read any more. Answers how many went; fewer than the limit means done.
-- The vectors that no other passage has are kept in the cache, unless the document is deleted.
create or replace function public.prune_chunks(p_document_id uuid, p_limit integer)
returns integer language plpgsql set search_path = '' as $$
declare
  v_jobs uuid[] := array(
    select j.id from public.ingestion_jobs j join public.documents d on d.id = j.document_id
    where d.id = p_document_id and not public.is_job_kept(j, d)
  );
  v_removed integer;
begin
  with gone as (
    delete from public.chunks where id in (select c.id from public.chunks c where c.job_id = any (v_jobs) limit p_limit)
    returning owner_id, job_id, content_hash, embedding
  ), remembered as (
    insert into public.embedding_cache (owner_id, model, dimensions, content_hash, document_id, embedding)
    select distinct on (j.settings ->> 'model', j.settings ->> 'dimensions', g.content_hash)
           g.owner_id, j.settings ->> 'model', (j.settings ->> 'dimensions')::integer, g.content_hash, d.id, g.embedding
    from gone g join public.ingestion_jobs j on j.id = g.job_id join public.documents d on d.id = j.document_id
    where d.deleted_at is null and not exists (
      select 1 from public.chunks c join public.ingestion_jobs k on k.id = c.job_id
      where c.owner_id = g.owner_id and c.content_hash = g.content_hash and c.job_id <> all (v_jobs)
        and k.settings ->> 'model' = j.settings ->> 'model' and k.settings ->> 'dimensions' = j.settings ->> 'dimensions'
    )
    order by j.settings ->> 'model', j.settings ->> 'dimensions', g.content_hash
    on conflict do nothing
  )
  select count(*) into v_removed from gone;
  return v_removed;
end;
$$;

-- What is indexed of a passage (see search_vector of the languages): text of ASCII alone has no signs to set apart, and is not searched
-- for them.
create or replace function public.search_vector(p_config text, p_text text) returns tsvector
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  if octet_length(p_text) = length(p_text) then return to_tsvector(('pg_catalog.' || p_config)::regconfig, p_text); end if;
  return to_tsvector(('pg_catalog.' || p_config)::regconfig, public.search_text(p_text));
end;
$$;
