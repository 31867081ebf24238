-- Languages: a job knows the language of its document, and its passages are indexed by the rules of it. Touches: ingestion_jobs, chunks.

-- The text search configuration for a language (ISO 639-1). Where the language is not known, English, as before languages were told;
-- where this server has no rules for it (Estonian came with PostgreSQL 18), `simple`, which takes words as they are.
create function public.text_config(p_language text) returns text language sql stable set search_path = '' as $$
  select case when p_language is null then 'english' else coalesce((
    select c.cfgname::text from pg_catalog.pg_ts_config c
    where c.cfgnamespace = 'pg_catalog'::regnamespace and c.cfgname = case p_language
      when 'ar' then 'arabic' when 'hy' then 'armenian' when 'eu' then 'basque' when 'ca' then 'catalan'
      when 'da' then 'danish' when 'nl' then 'dutch' when 'en' then 'english' when 'et' then 'estonian'
      when 'fi' then 'finnish' when 'fr' then 'french' when 'de' then 'german' when 'el' then 'greek'
      when 'hi' then 'hindi' when 'hu' then 'hungarian' when 'id' then 'indonesian' when 'ga' then 'irish'
      when 'it' then 'italian' when 'lt' then 'lithuanian' when 'ne' then 'nepali' when 'no' then 'norwegian'
      when 'pt' then 'portuguese' when 'ro' then 'romanian' when 'ru' then 'russian' when 'sr' then 'serbian'
      when 'es' then 'spanish' when 'sv' then 'swedish' when 'ta' then 'tamil' when 'tr' then 'turkish'
      when 'yi' then 'yiddish'
    end
  ), 'simple') end;
$$;

-- One sign of the writings that set no blanks between words, or hang endings on them: Chinese, Japanese, Korean, Thai, Lao, Khmer,
-- Burmese. A regular expression: a letter (`first`), and the vowels and tones that stand on it.
create function public.unspaced_sign(out first text, out sign text) language sql immutable set search_path = '' as $$
  select letters, letters || '[\u3099\u309a\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b6-\u17d3]*'
  from (values ('[\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3'
    || '\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd\u0ec0-\u0ec6'
    || '\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3]')) as known (letters);
$$;

-- A text as it is cut into words: where it sets no blanks, pairs of neighbours, and the first and last sign alone
-- ("知识库" as "知 知识 识库 库"). Every part of such a text is then found by its own pairs, and a single sign by the pair it begins.
create function public.search_text(p_text text) returns text language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  v_first text;
  v_sign text;
begin
  select s.first, s.sign into v_first, v_sign from public.unspaced_sign() s;
  if p_text !~ v_first then return p_text; end if;
  return regexp_replace(
    regexp_replace(normalize(p_text, nfkc), '((?:' || v_sign || ')+)', ' \1 ', 'g'), '(' || v_sign || ')', '\1 \1', 'g');
end;
$$;

-- What is indexed of a passage. Immutable, for the configurations that PostgreSQL ships bear fixed names. The name is text because
-- pg_upgrade refuses tables with a column of type regconfig.
create function public.search_vector(p_config text, p_text text) returns tsvector
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return to_tsvector(('pg_catalog.' || p_config)::regconfig, public.search_text(p_text));
end;
$$;

alter table public.ingestion_jobs
  add column language text constraint ingestion_jobs_language_code check (language ~ '^[a-z]{2}$'),
  add column text_config text not null default 'english';
comment on column public.ingestion_jobs.language is 'The main language of the document (ISO 639-1); null where it is unclear or was never asked.';
comment on column public.ingestion_jobs.text_config is 'How the full text of its passages is indexed, all of them alike.';

alter table public.chunks add column text_config text not null default 'english';
alter table public.chunks alter column fts set expression as (public.search_vector(text_config, content));

-- Stores passages; one that is there already stays as it is. `embedding` is the vector as integers (times 1e6), which costs a
-- sixth of what decimals cost to read, or null when the cache has it. False when the job is not the caller's any more.
create or replace function public.store_chunks(p_job_id uuid, p_attempt integer, p_chunks json, p_tokens integer, p_requests integer)
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
    insert into public.chunks (id, job_id, document_id, owner_id, ordinal, content, text_config, heading_path, page_from, page_to,
                               char_from, char_to, token_count, content_hash, embedding)
    select g.id, v_job.id, v_job.document_id, v_job.owner_id, g.ordinal, g.content, v_job.text_config, g.heading_path,
           g.page_from, g.page_to, g.char_from, g.char_to, g.token_count, g.content_hash, coalesce(g.fresh, e.embedding)
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

revoke all on function public.text_config(text) from public, anon, authenticated;
revoke all on function public.unspaced_sign() from public, anon, authenticated;
revoke all on function public.search_text(text) from public, anon, authenticated;
revoke all on function public.search_vector(text, text) from public, anon, authenticated;
grant execute on function public.text_config(text) to service_role;
grant execute on function public.unspaced_sign() to service_role;
grant execute on function public.search_text(text) to service_role;
grant execute on function public.search_vector(text, text) to service_role;
