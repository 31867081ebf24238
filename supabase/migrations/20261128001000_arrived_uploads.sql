-- Arrived uploads: what of the granted uploads is to be seen to, whatever there is of grants without a file. Touches: uploads.

-- Granted uploads whose file has arrived and that await no word of their owner's, at least p_seconds old, oldest first, after a given one.
create function public.list_arrived_uploads(p_seconds integer, p_after_created_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, owner_id uuid, created_at timestamptz, expires_at timestamptz) language sql stable set search_path = '' as $$
  select u.id, u.owner_id, u.created_at, u.expires_at from public.uploads u
  where u.created_at < now() - make_interval(secs => p_seconds) and not u.awaits_consent
    and (u.created_at, u.id) > (p_after_created_at, p_after_id)
    and exists (select 1 from storage.objects o where o.bucket_id = 'documents' and o.name = u.storage_key)
  order by u.created_at, u.id limit p_limit;
$$;

-- Forgets the grants that expired without a file, and those that expired without their owner's word. Answers how many.
create function public.forget_expired_uploads()
returns integer language plpgsql set search_path = '' as $$
declare
  v_forgotten integer;
begin
  delete from public.uploads u
  where u.expires_at < now() and (
    u.awaits_consent
    or not exists (select 1 from storage.objects o where o.bucket_id = 'documents' and o.name = u.storage_key)
  );
  get diagnostics v_forgotten = row_count;
  return v_forgotten;
end;
$$;

create index uploads_created on public.uploads (created_at, id);

revoke all on function public.list_arrived_uploads(integer, timestamptz, uuid, integer) from public, anon, authenticated;
revoke all on function public.forget_expired_uploads() from public, anon, authenticated;
grant execute on function public.list_arrived_uploads(integer, timestamptz, uuid, integer) to service_role;
grant execute on function public.forget_expired_uploads() to service_role;
