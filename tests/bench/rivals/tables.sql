-- Tables of the bench's rivals, as the guides of their stores make them, with 512 dimensions. Never part of the product's schema.
-- Touches: public.rival_langchain, public.rival_llamaindex.
create table public.rival_langchain (
  id bigserial primary key,
  content text,
  metadata jsonb,
  embedding extensions.vector(512)
);

create table public.rival_llamaindex (
  id uuid primary key,
  content text,
  metadata jsonb,
  embedding extensions.vector(512)
);

create function public.match_rival_langchain(query_embedding extensions.vector, match_count integer, filter jsonb default '{}')
returns table (id bigint, content text, metadata jsonb, similarity double precision)
language sql stable
set search_path = ''
as $$
  select r.id, r.content, r.metadata, 1 - (r.embedding operator(extensions.<=>) query_embedding)
  from public.rival_langchain r
  where r.metadata @> filter
  order by r.embedding operator(extensions.<=>) query_embedding
  limit match_count
$$;

create function public.clear_rivals()
returns void
language sql
set search_path = ''
as $$
  truncate public.rival_langchain, public.rival_llamaindex
$$;

grant all on public.rival_langchain, public.rival_llamaindex to service_role;
grant all on sequence public.rival_langchain_id_seq to service_role;
grant execute on function public.match_rival_langchain, public.clear_rivals to service_role;
