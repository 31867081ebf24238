-- Upkeep of the vector index: it is asked for every ten minutes, so twice at a time must do no harm. Touches: functions only.
create function public.has_vector_index() returns boolean language sql stable set search_path = '' as $$
  select to_regclass('public.chunks_embedding_hnsw') is not null;
$$;

-- Replaces the function of 20261125000300. New is that of two calls one builds and the other answers false at once, and how long it may
-- take: PostgREST takes the time limit of a statement from the function, and Supabase's of a few seconds is less than a build needs.
create or replace function public.maintain_vector_index()
returns boolean language plpgsql security definer
set search_path = '' set maintenance_work_mem = '256MB' set statement_timeout = '30min' as $$
begin
  if public.has_vector_index() then return true; end if;
  if not pg_try_advisory_xact_lock(hashtext('chunks_embedding_hnsw')) then return false; end if;
  if exists (select 1 from public.chunks c group by c.owner_id having count(*) > public.exact_search_limit()) then
    create index if not exists chunks_embedding_hnsw on public.chunks
      using hnsw (embedding extensions.vector_cosine_ops) with (m = 16, ef_construction = 128);
  end if;
  return public.has_vector_index();
end;
$$;

revoke all on function public.has_vector_index() from public, anon, authenticated;
grant execute on function public.has_vector_index() to service_role;
