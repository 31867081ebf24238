-- Search tells the place of a passage in its document (ordinal, from 0): where a text has no pages, that is all a citation can name.
-- Touches: nothing.
drop function public.search_chunks(text, text, integer, uuid);

-- p_embedding: the query's vector as text, of the index's length. The words count by the passages that have all of them, and only
-- where there is none by those that have some: people ask questions, and no passage has every word of a question. What is answered is
-- looked up by its ids: joined as a set, all passages of the owner were read for it.
create function public.search_chunks(p_query text, p_embedding text, p_limit integer default 10, p_document_id uuid default null)
returns table (
  chunk_id uuid, document_id uuid, title text, file_name text, content text, score double precision,
  page_from integer, page_to integer, heading_path text[], char_from integer, char_to integer, ordinal integer
) language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_vector extensions.vector := extensions.l2_normalize(p_embedding::extensions.vector);
  v_depth integer := greatest(2 * least(p_limit, 50), 40);
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
  ), matching as materialized (
    select m.id, m.has_all, m.weight from public.matching_chunks(p_query, v_depth, p_document_id) m
  ), lexical as (
    select m.id, row_number() over (order by m.weight desc, m.id) as rank
    from matching m where m.has_all or not exists (select 1 from matching a where a.has_all)
  ), fused as (
    select coalesce(s.id, l.id) as id,
           coalesce(1.0 / (60 + s.rank), 0)::double precision + coalesce(1.0 / (60 + l.rank), 0)::double precision as score
    from semantic s full join lexical l on l.id = s.id
  ), best as materialized (
    select f.id, f.score from fused f order by f.score desc, f.id limit p_limit
  )
  select c.id, c.document_id, d.title, d.file_name, c.content, f.score,
         c.page_from, c.page_to, c.heading_path, c.char_from, c.char_to, c.ordinal
  from best f
  cross join lateral (select * from public.chunks p where p.id = f.id offset 0) c
  join public.documents d on d.id = c.document_id
  order by f.score desc, c.id;
end;
$$;

revoke all on function public.search_chunks(text, text, integer, uuid) from public, anon;
grant execute on function public.search_chunks(text, text, integer, uuid) to authenticated, service_role;
