-- How many documents the caller has: by status, and the failed ones by the code of what went wrong as well. Touches: count_documents.
drop function public.count_documents();

create function public.count_documents()
returns table (status text, code text, count bigint) language sql stable set search_path = '' as $$
  select d.status, case when d.status = 'error' then d.error ->> 'code' end, count(*) from public.documents d
  where d.owner_id = (select auth.uid()) and d.deleted_at is null group by 1, 2;
$$;

revoke all on function public.count_documents() from public, anon;
grant execute on function public.count_documents() to authenticated, service_role;
