-- Search: vector and full text, fused by reciprocal rank, over the caller's own published passages. Touches: nothing.
-- Runs as the caller: row level security decides what there is to find.

-- Below this many passages an owner's vectors are compared one by one (recall 1, about 1 ms a thousand); above, by HNSW if it was built.
create function public.exact_search_limit() returns integer language sql immutable set search_path = '' as $$ select 20000 $$;

-- The best passages by meaning, exactly: adding zero to the distance keeps the planner away from an approximate index.
create function public.nearest_chunks_exact(p_embedding extensions.vector, p_limit integer, p_document_id uuid)
returns table (id uuid, distance double precision) language sql stable set search_path = '' as $$
  select c.id, (c.embedding operator(extensions.<=>) p_embedding) + 0 as distance
  from public.documents d join public.chunks c on c.job_id = d.active_job_id
  where d.owner_id = (select auth.uid()) and d.deleted_at is null and (p_document_id is null or d.id = p_document_id)
  order by distance, c.id limit p_limit;
$$;

-- The same through HNSW. Iterative scan goes on until enough rows of this owner are found; without it an owner gets 0 to 4 of 10.
create function public.nearest_chunks_indexed(p_embedding extensions.vector, p_limit integer, p_document_id uuid)
returns table (id uuid, distance double precision) language plpgsql stable set search_path = '' as $$
begin
  perform set_config('hnsw.iterative_scan', 'relaxed_order', true);
  perform set_config('hnsw.ef_search', '100', true);
  return query
    with found as materialized (
      select c.id as chunk_id, c.embedding operator(extensions.<=>) p_embedding as chunk_distance
      from public.chunks c
      where c.owner_id = (select auth.uid())
        and exists (select 1 from public.documents d where d.active_job_id = c.job_id and d.deleted_at is null
                    and (p_document_id is null or d.id = p_document_id))
      order by c.embedding operator(extensions.<=>) p_embedding limit p_limit
    )
    select f.chunk_id, f.chunk_distance from found f order by f.chunk_distance, f.chunk_id;
end;
$$;

-- p_embedding: the query's vector as text, of the index's length. The words count by the passages that have all of them, and only
-- where there is none by those that have some: people ask questions, and no passage has every word of a question.
create function public.search_chunks(p_query text, p_embedding text, p_limit integer default 10, p_document_id uuid default null)
returns table (
  chunk_id uuid, document_id uuid, title text, file_name text, content text, score double precision,
  page_from integer, page_to integer, heading_path text[], char_from integer, char_to integer
) language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_vector extensions.vector := extensions.l2_normalize(p_embedding::extensions.vector);
  v_depth integer := greatest(2 * least(p_limit, 50), 40);
  v_all tsquery := websearch_to_tsquery('pg_catalog.english', p_query);
  v_any tsquery := replace(plainto_tsquery('pg_catalog.english', p_query)::text, ' & ', ' | ')::tsquery;
  v_size bigint;
  v_ids uuid[];
begin
  select coalesce(sum(j.chunks_total), 0) into v_size
  from public.documents d join public.ingestion_jobs j on j.id = d.active_job_id
  where d.owner_id = (select auth.uid()) and d.deleted_at is null and (p_document_id is null or d.id = p_document_id);

  if v_size > public.exact_search_limit() and to_regclass('public.chunks_embedding_hnsw') is not null then
    v_ids := array(select n.id from public.nearest_chunks_indexed(v_vector, v_depth, p_document_id) n);
  else
    v_ids := array(select n.id from public.nearest_chunks_exact(v_vector, v_depth, p_document_id) n);
  end if;

  return query
  with semantic as (
    select s.id, s.rank from unnest(v_ids) with ordinality as s (id, rank)
  ), matching as (
    select c.id, c.fts @@ v_all as has_all, ts_rank_cd(c.fts, v_any) as weight
    from public.documents d join public.chunks c on c.job_id = d.active_job_id
    where d.owner_id = (select auth.uid()) and d.deleted_at is null
      and (p_document_id is null or d.id = p_document_id) and c.fts @@ v_any
    order by has_all desc, weight desc, c.id limit v_depth
  ), lexical as (
    select m.id, row_number() over (order by m.weight desc, m.id) as rank
    from matching m where m.has_all or not exists (select 1 from matching a where a.has_all)
  ), fused as (
    select coalesce(s.id, l.id) as id,
           coalesce(1.0 / (60 + s.rank), 0)::double precision + coalesce(1.0 / (60 + l.rank), 0)::double precision as score
    from semantic s full join lexical l on l.id = s.id
  )
  select c.id, c.document_id, d.title, d.file_name, c.content, f.score,
         c.page_from, c.page_to, c.heading_path, c.char_from, c.char_to
  from fused f join public.chunks c on c.id = f.id join public.documents d on d.id = c.document_id
  order by f.score desc, c.id limit p_limit;
end;
$$;

-- Builds the approximate index once some owner has more passages than are compared one by one. Building blocks writers, and keeping
-- it costs 5 ms a row on the embedded database, so it is not there before it pays. Answers whether it is there now.
-- Security definer, because only the owner of a table may build an index on it; nobody but the service may call it.
create function public.maintain_vector_index()
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  if to_regclass('public.chunks_embedding_hnsw') is null and exists (
    select 1 from public.chunks c group by c.owner_id having count(*) > public.exact_search_limit()
  ) then
    create index if not exists chunks_embedding_hnsw on public.chunks
      using hnsw (embedding extensions.vector_cosine_ops) with (m = 16, ef_construction = 64);
  end if;
  return to_regclass('public.chunks_embedding_hnsw') is not null;
end;
$$;

revoke all on function public.exact_search_limit() from public, anon;
revoke all on function public.nearest_chunks_exact(extensions.vector, integer, uuid) from public, anon;
revoke all on function public.nearest_chunks_indexed(extensions.vector, integer, uuid) from public, anon;
revoke all on function public.search_chunks(text, text, integer, uuid) from public, anon;
revoke all on function public.maintain_vector_index() from public, anon, authenticated;
grant execute on function public.exact_search_limit() to authenticated, service_role;
grant execute on function public.nearest_chunks_exact(extensions.vector, integer, uuid) to authenticated, service_role;
grant execute on function public.nearest_chunks_indexed(extensions.vector, integer, uuid) to authenticated, service_role;
grant execute on function public.search_chunks(text, text, integer, uuid) to authenticated, service_role;
grant execute on function public.maintain_vector_index() to service_role;
