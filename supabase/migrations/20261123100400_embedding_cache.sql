-- Embedding cache: vectors that were paid for, never shared between owners. Touches: public.embedding_cache.
create table public.embedding_cache (
  owner_id uuid not null,
  model text not null,
  dimensions integer not null,
  content_hash text not null,
  document_id uuid not null constraint embedding_cache_document_fkey references public.documents (id) on delete cascade,
  embedding extensions.vector(512) not null,
  created_at timestamptz not null default now(),
  constraint embedding_cache_pkey primary key (owner_id, model, dimensions, content_hash)
);

comment on table public.embedding_cache is 'A vector paid for. It goes with the document that paid for it, so that a deleted document leaves no vector.';

alter table public.embedding_cache alter column embedding set storage plain;

create index embedding_cache_document on public.embedding_cache (document_id);

alter table public.embedding_cache enable row level security;

revoke all on public.embedding_cache from anon, authenticated;
grant all on public.embedding_cache to service_role;
