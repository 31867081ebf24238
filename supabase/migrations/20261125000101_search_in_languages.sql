-- Search in languages: a query is read by the rules of each language that the owner's documents are in. Touches: nothing.

-- A query as `search_text` has texts: pairs of neighbours, a sign alone only where it stands alone. What must not be there ("-知识库") is
-- left out as a whole.
create function public.search_words(p_query text) returns text language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  v_first text;
  v_sign text;
  v_words text;
begin
  select s.first, s.sign into v_first, v_sign from public.unspaced_sign() s;
  if p_query !~ v_first then return p_query; end if;
  v_words := regexp_replace(normalize(p_query, nfkc), '(^|\s)-((?:' || v_sign || ')+)', '\1-"\2"', 'g');
  v_words := regexp_replace(v_words, '((?:' || v_sign || ')+)', ' \1 ', 'g');
  return regexp_replace(v_words, '(?<=' || v_sign || ')(' || v_sign || ')(?=' || v_first || ')', '\1 \1', 'g');
end;
$$;

-- A query by the rules of one configuration: every word of it, and any of them. A sign that stands alone begins a pair.
create function public.read_query(p_config text, p_query text, out every_word tsquery, out some_word tsquery)
language plpgsql stable strict set search_path = '' as $$
declare
  v_config regconfig := ('pg_catalog.' || p_config)::regconfig;
  v_words text := public.search_words(p_query);
  v_alone text := '''(' || (public.unspaced_sign()).sign || ')''';
begin
  every_word := regexp_replace(websearch_to_tsquery(v_config, v_words)::text, v_alone, '''\1'':*', 'g')::tsquery;
  some_word := regexp_replace(replace(plainto_tsquery(v_config, v_words)::text, ' & ', ' | '), v_alone, '''\1'':*', 'g')::tsquery;
end;
$$;

-- The best passages by words, each by the rules that it is indexed by: those that have every word first. `weight` is by any word.
-- What has the words is found first, by the index on the text; joined with the documents at once, the planner read every passage of every
-- document. Security definer, for under row level security no index on the text is used (`@@` is not leakproof, so the policy must be checked
-- first); it answers only of the caller's own, and with no text.
create or replace function public.matching_chunks(p_query text, p_limit integer, p_document_id uuid)
returns table (id uuid, has_all boolean, weight real) language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_owner uuid := auth.uid();
begin
  return query
  with served as (
    select j.id, j.text_config from public.documents d join public.ingestion_jobs j on j.id = d.active_job_id
    where d.owner_id = v_owner and d.deleted_at is null and (p_document_id is null or d.id = p_document_id)
  ), queries as materialized (
    select t.text_config, q.every_word, q.some_word
    from (select distinct s.text_config from served s) t cross join lateral public.read_query(t.text_config, p_query) q
  ), hits as materialized (
    select c.id, c.job_id, c.fts, q.every_word, q.some_word
    from queries q join public.chunks c on c.text_config = q.text_config and c.fts @@ q.some_word
    where c.owner_id = v_owner and (p_document_id is null or c.document_id = p_document_id)
  )
  select h.id, h.fts @@ h.every_word as has_all, ts_rank_cd(h.fts, h.some_word) as weight
  from hits h where h.job_id in (select s.id from served s)
  order by has_all desc, weight desc, h.id limit p_limit;
end;
$$;

-- p_embedding: the query's vector as text, of the index's length. The words count by the passages that have all of them, and only
-- where there is none by those that have some: people ask questions, and no passage has every word of a question. What is answered is
-- looked up by its ids: joined as a set, all passages of the owner were read for it.
create or replace function public.search_chunks(p_query text, p_embedding text, p_limit integer default 10, p_document_id uuid default null)
returns table (
  chunk_id uuid, document_id uuid, title text, file_name text, content text, score double precision,
  page_from integer, page_to integer, heading_path text[], char_from integer, char_to integer
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
         c.page_from, c.page_to, c.heading_path, c.char_from, c.char_to
  from best f
  cross join lateral (select * from public.chunks p where p.id = f.id offset 0) c
  join public.documents d on d.id = c.document_id
  order by f.score desc, c.id;
end;
$$;

revoke all on function public.search_words(text) from public, anon, authenticated;
revoke all on function public.read_query(text, text) from public, anon, authenticated;
revoke all on function public.matching_chunks(text, integer, uuid) from public, anon;
grant execute on function public.search_words(text) to service_role;
grant execute on function public.read_query(text, text) to service_role;
grant execute on function public.matching_chunks(text, integer, uuid) to authenticated, service_role;
