-- The search index: how an owner's vectors are reached. Touches: indexes of public.chunks.

-- By owner and job at once. With an index on each, all of the owner's entries were read anew for every document: 64 of the 72 ms that
-- 5,000 passages in 500 documents took.
create index chunks_owner_job on public.chunks (owner_id, job_id);
drop index public.chunks_owner;

-- The same through HNSW. Iterative scan goes on until enough rows of this owner are found, within pgvector's bounds; where others have so
-- much that is nearer that it ends before, the owner's are compared exactly. The planner takes every owner for one of average size, to
-- whom reading all passages and sorting them costs less than the index: so it may do neither here. The widest search is worth its 30 ms:
-- at 200 a question far from all that the owner has finds nine of the ten nearest, at 100 eight.
create or replace function public.nearest_chunks_indexed(p_embedding extensions.vector, p_limit integer, p_document_id uuid)
returns table (id uuid, distance double precision) language plpgsql stable
set search_path = '' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
begin
  perform set_config('hnsw.iterative_scan', 'relaxed_order', true);
  perform set_config('hnsw.ef_search', '1000', true);
  return query
    with found as materialized (
      select c.id as chunk_id, c.embedding operator(extensions.<=>) p_embedding as chunk_distance
      from public.chunks c
      where c.owner_id = (select auth.uid())
        and exists (select 1 from public.documents d where d.active_job_id = c.job_id and d.deleted_at is null
                    and (p_document_id is null or d.id = p_document_id))
      order by c.embedding operator(extensions.<=>) p_embedding limit p_limit
    )
    select f.chunk_id, f.chunk_distance from found f
    where (select count(*) from found) >= p_limit
    order by f.chunk_distance, f.chunk_id;
  if not found then
    return query select n.id, n.distance from public.nearest_chunks_exact(p_embedding, p_limit, p_document_id) n;
  end if;
end;
$$;

-- An index that was built before finds less.
drop index if exists public.chunks_embedding_hnsw;

-- Builds the approximate index once some owner has more passages than are compared one by one. Building blocks writers, and keeping
-- it costs 1 ms a row on the embedded database, so it is not there before it pays. Answers whether it is there now.
-- The memory holds the graph of 100,000 passages; with the default of 64 MB, 50,000 took four times as long.
-- Security definer, because only the owner of a table may build an index on it; nobody but the service may call it.
create or replace function public.maintain_vector_index()
returns boolean language plpgsql security definer set search_path = '' set maintenance_work_mem = '256MB' as $$
begin
  if to_regclass('public.chunks_embedding_hnsw') is null and exists (
    select 1 from public.chunks c group by c.owner_id having count(*) > public.exact_search_limit()
  ) then
    create index if not exists chunks_embedding_hnsw on public.chunks
      using hnsw (embedding extensions.vector_cosine_ops) with (m = 16, ef_construction = 128);
  end if;
  return to_regclass('public.chunks_embedding_hnsw') is not null;
end;
$$;
