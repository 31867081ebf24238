-- Rolling back: the index before the served one is kept for a while, and can be served again. Touches: documents, ingestion_jobs, chunks.
alter table public.documents
  add column previous_job_id uuid constraint documents_previous_job_fkey references public.ingestion_jobs (id) on delete set null,
  add column previous_since timestamptz;

comment on column public.documents.previous_job_id is 'The job whose passages were served before, while they are kept. Search does not see them.';

create index documents_previous_job on public.documents (previous_job_id);

-- Publishes a job when every planned passage is stored with its vector (a constraint keeps the vectors right). One UPDATE switches
-- what search sees; what it saw before is kept. Answers {published, planned, stored, missing: [ordinals, at most 20]}; null when the
-- job is not the caller's any more.
create or replace function public.publish_job(p_job_id uuid, p_attempt integer)
returns jsonb language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_stored integer;
  v_missing jsonb;
begin
  select * into v_job from public.lock_live_job(p_job_id, p_attempt);
  if not found then return null; end if;

  select count(*) into v_stored from public.chunks c where c.job_id = p_job_id and c.ordinal < v_job.chunks_total;
  if v_stored is distinct from v_job.chunks_total or v_stored = 0 then
    select coalesce(jsonb_agg(m.ordinal), '[]') into v_missing from (
      select planned.ordinal from generate_series(0, v_job.chunks_total - 1) as planned (ordinal)
      where not exists (select 1 from public.chunks c where c.job_id = p_job_id and c.ordinal = planned.ordinal)
      order by planned.ordinal limit 20
    ) m;
    return jsonb_build_object('published', false, 'planned', v_job.chunks_total, 'stored', v_stored, 'missing', v_missing);
  end if;

  update public.ingestion_jobs
  set status = 'ready', finished_at = now(), heartbeat_at = now(), error = null where id = p_job_id;
  update public.documents
  set status = 'ready', active_job_id = p_job_id, error = null, updated_at = now(),
      previous_job_id = active_job_id, previous_since = now(),
      title = case when title_given then title else coalesce(nullif(v_job.parsed_title, ''), title) end
  where id = v_job.document_id;
  insert into public.outbox (id, name, data)
  values ('document.ready:' || p_job_id, 'document.ready',
          jsonb_build_object('documentId', v_job.document_id, 'jobId', p_job_id, 'ownerId', v_job.owner_id, 'chunks', v_stored));
  insert into public.ingestion_events (document_id, job_id, owner_id, stage, code, message)
  values (v_job.document_id, p_job_id, v_job.owner_id, 'publish', 'published', v_stored || ' passages are searchable.');
  return jsonb_build_object('published', true, 'planned', v_stored, 'stored', v_stored, 'missing', '[]'::jsonb);
end;
$$;

-- Serves the former index again, and keeps the present one as the former: doing it twice is undoing it. Answers `done`, `busy` while a
-- job is in work, or `none` when no former index is kept; empty when there is no such document.
create function public.roll_back_document(p_owner_id uuid, p_document_id uuid)
returns setof text language plpgsql set search_path = '' as $$
declare
  v_document public.documents;
  v_former public.ingestion_jobs;
begin
  select d.* into v_document from public.documents d
  where d.id = p_document_id and d.owner_id = p_owner_id and d.deleted_at is null for update;
  if not found then return; end if;
  if exists (select 1 from public.ingestion_jobs j where j.document_id = p_document_id and j.status in ('queued', 'processing')) then
    return next 'busy';
    return;
  end if;
  select j.* into v_former from public.ingestion_jobs j where j.id = v_document.previous_job_id;
  if not found then
    return next 'none';
    return;
  end if;

  update public.documents
  set status = 'ready', active_job_id = v_former.id, previous_job_id = v_document.active_job_id, previous_since = now(),
      error = null, updated_at = now(),
      title = case when title_given then title else coalesce(nullif(v_former.parsed_title, ''), title) end
  where id = p_document_id;
  insert into public.ingestion_events (document_id, job_id, owner_id, code, message)
  values (p_document_id, v_former.id, p_owner_id, 'rolled_back', format('Went back to the index of job %s.', v_former.number));
  return next 'done';
end;
$$;

-- Lets go of former indexes that were kept long enough. Answers the documents whose passages can be pruned now.
create function public.expire_former_indexes(p_seconds integer)
returns setof uuid language sql set search_path = '' as $$
  update public.documents set previous_job_id = null, previous_since = null
  where previous_job_id is not null and previous_since < now() - make_interval(secs => p_seconds)
  returning id;
$$;

-- Whether anything of a job may still be read: it is in work, served, kept as the former index, or failed and open to a replay.
create function public.is_job_kept(p_job public.ingestion_jobs, p_document public.documents)
returns boolean language sql stable set search_path = '' as $$
  select p_document.deleted_at is null and (
    p_job.status in ('queued', 'processing')
    or p_job.id is not distinct from p_document.active_job_id
    or p_job.id is not distinct from p_document.previous_job_id
    or (p_job.status = 'error' and not exists (
      select 1 from public.ingestion_jobs newer where newer.document_id = p_job.document_id and newer.number > p_job.number
    ))
  );
$$;

-- Removes up to p_limit passages of a document that nobody will read any more. Answers how many went; fewer than the limit means done.
create or replace function public.prune_chunks(p_document_id uuid, p_limit integer)
returns integer language plpgsql set search_path = '' as $$
declare
  v_jobs uuid[] := array(
    select j.id from public.ingestion_jobs j join public.documents d on d.id = j.document_id
    where d.id = p_document_id and not public.is_job_kept(j, d)
  );
  v_removed integer;
begin
  delete from public.chunks where id in (select c.id from public.chunks c where c.job_id = any (v_jobs) limit p_limit);
  get diagnostics v_removed = row_count;
  return v_removed;
end;
$$;

revoke all on function public.roll_back_document(uuid, uuid) from public, anon, authenticated;
revoke all on function public.is_job_kept(public.ingestion_jobs, public.documents) from public, anon, authenticated;
revoke all on function public.expire_former_indexes(integer) from public, anon, authenticated;
grant execute on function public.roll_back_document(uuid, uuid) to service_role;
grant execute on function public.is_job_kept(public.ingestion_jobs, public.documents) to service_role;
grant execute on function public.expire_former_indexes(integer) to service_role;
