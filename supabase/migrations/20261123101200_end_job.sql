-- Ending: publish, fail, cancel, delete, prune. Touches: documents, ingestion_jobs, chunks, outbox, ingestion_events.

-- Publishes a job when every planned passage is stored with its vector (a constraint keeps the vectors right). One UPDATE switches
-- what search sees. Answers {published, planned, stored, missing: [ordinals, at most 20]}; null when the job is not the caller's any more.
create function public.publish_job(p_job_id uuid, p_attempt integer)
returns jsonb language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_stored integer;
  v_missing jsonb;
begin
  select * into v_job from public.lock_live_job(p_job_id, p_attempt);
  if not found then return null; end if;

  select count(*) into v_stored from public.chunks c where c.job_id = p_job_id;
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

-- Ends a job with its error. A document that has an older index stays ready and says what failed. False when the job had ended,
-- or another run has it.
create function public.fail_job(p_job_id uuid, p_run_id text, p_error jsonb)
returns boolean language plpgsql set search_path = '' as $$
declare
  v_document_id uuid;
  v_job public.ingestion_jobs;
begin
  select j.document_id into v_document_id from public.ingestion_jobs j where j.id = p_job_id;
  perform 1 from public.documents d where d.id = v_document_id and d.deleted_at is null for update;
  if not found then return false; end if;
  update public.ingestion_jobs
  set status = 'error', error = p_error || jsonb_build_object('stage', stage), finished_at = now()
  where id = p_job_id and status in ('queued', 'processing') and (run_id is null or run_id = p_run_id)
  returning * into v_job;
  if not found then return false; end if;

  update public.documents
  set status = case when active_job_id is null then 'error' else 'ready' end, error = v_job.error, updated_at = now()
  where id = v_document_id;
  insert into public.outbox (id, name, data)
  values ('document.failed:' || p_job_id || ':' || v_job.attempt, 'document.failed',
          jsonb_build_object('documentId', v_document_id, 'jobId', p_job_id, 'ownerId', v_job.owner_id, 'code', p_error ->> 'code'))
  on conflict (id) do nothing;
  insert into public.ingestion_events (document_id, job_id, owner_id, level, stage, code, message)
  values (v_document_id, p_job_id, v_job.owner_id, 'error', v_job.stage, p_error ->> 'code', p_error ->> 'message');
  return true;
end;
$$;

-- The job's event could not be sent. The job stays queued; the document says why nothing happens, until a run takes the job up.
create function public.mark_dispatch_failed(p_event_ids text[], p_error jsonb)
returns void language sql set search_path = '' as $$
  update public.outbox set attempts = attempts + 1 where id = any (p_event_ids) and sent_at is null;
  update public.documents d
  set status = case when d.active_job_id is null then 'error' else 'ready' end, error = p_error, updated_at = now()
  from public.ingestion_jobs j
  where j.event_id = any (p_event_ids) and j.status = 'queued' and d.id = j.document_id and d.deleted_at is null
    and d.status in ('queued', 'ready');
$$;

-- The events are on their way. A document that said dispatch_failed waits in the queue again.
create function public.mark_dispatched(p_event_ids text[])
returns void language sql set search_path = '' as $$
  update public.outbox set sent_at = now(), attempts = attempts + 1 where id = any (p_event_ids) and sent_at is null;
  update public.documents d set status = 'queued', error = null, updated_at = now()
  from public.ingestion_jobs j
  where j.event_id = any (p_event_ids) and j.status = 'queued' and d.id = j.document_id and d.deleted_at is null
    and d.error ->> 'code' = 'dispatch_failed';
$$;

-- Cancels the job in work. Empty when there is no such document, else whether a job was cancelled.
create function public.cancel_job(p_owner_id uuid, p_document_id uuid)
returns setof boolean language plpgsql set search_path = '' as $$
declare
  v_job_id uuid;
begin
  perform 1 from public.documents d
  where d.id = p_document_id and d.owner_id = p_owner_id and d.deleted_at is null for update;
  if not found then return; end if;
  update public.ingestion_jobs set status = 'cancelled', finished_at = now()
  where document_id = p_document_id and status in ('queued', 'processing') returning id into v_job_id;
  if v_job_id is null then
    return next false;
    return;
  end if;
  update public.documents
  set status = case when active_job_id is null then 'cancelled' else 'ready' end, error = null, updated_at = now()
  where id = p_document_id;
  insert into public.outbox (id, name, data)
  values ('document.cancel.requested:' || v_job_id, 'document.cancel.requested',
          jsonb_build_object('documentId', p_document_id, 'jobId', v_job_id, 'ownerId', p_owner_id))
  on conflict (id) do nothing;
  insert into public.ingestion_events (document_id, job_id, owner_id, code, message)
  values (p_document_id, v_job_id, p_owner_id, 'cancelled', 'Cancelled.');
  return next true;
end;
$$;

-- Raises the fence: nobody sees the document any more, no work on it goes on, and its removal is announced. Works in any state.
-- False when there is no such document.
create function public.delete_document(p_owner_id uuid, p_document_id uuid)
returns boolean language plpgsql set search_path = '' as $$
begin
  update public.documents set deleted_at = now(), updated_at = now()
  where id = p_document_id and owner_id = p_owner_id and deleted_at is null;
  if not found then return false; end if;
  update public.ingestion_jobs set status = 'cancelled', finished_at = now()
  where document_id = p_document_id and status in ('queued', 'processing');
  insert into public.outbox (id, name, data)
  values ('document.deleted:' || p_document_id, 'document.deleted',
          jsonb_build_object('documentId', p_document_id, 'ownerId', p_owner_id));
  return true;
end;
$$;

-- Removes up to p_limit passages of a document that nothing serves: of ended jobs that are not the active one, or all of a deleted
-- document. Answers how many went; fewer than the limit means done.
create function public.prune_chunks(p_document_id uuid, p_limit integer)
returns integer language plpgsql set search_path = '' as $$
declare
  v_removed integer;
begin
  delete from public.chunks where id in (
    select c.id from public.chunks c
    join public.ingestion_jobs j on j.id = c.job_id
    join public.documents d on d.id = c.document_id
    where c.document_id = p_document_id
      and (d.deleted_at is not null
        or (j.id is distinct from d.active_job_id and j.status in ('ready', 'cancelled', 'superseded')))
    limit p_limit
  );
  get diagnostics v_removed = row_count;
  return v_removed;
end;
$$;

-- Removes the row of a deleted document, with all that hangs on it.
create function public.purge_document(p_document_id uuid)
returns void language sql set search_path = '' as $$
  delete from public.documents where id = p_document_id and deleted_at is not null;
$$;

revoke all on function public.publish_job(uuid, integer) from public, anon, authenticated;
revoke all on function public.fail_job(uuid, text, jsonb) from public, anon, authenticated;
revoke all on function public.mark_dispatch_failed(text[], jsonb) from public, anon, authenticated;
revoke all on function public.mark_dispatched(text[]) from public, anon, authenticated;
revoke all on function public.cancel_job(uuid, uuid) from public, anon, authenticated;
revoke all on function public.delete_document(uuid, uuid) from public, anon, authenticated;
revoke all on function public.prune_chunks(uuid, integer) from public, anon, authenticated;
revoke all on function public.purge_document(uuid) from public, anon, authenticated;
grant execute on function public.publish_job(uuid, integer) to service_role;
grant execute on function public.fail_job(uuid, text, jsonb) to service_role;
grant execute on function public.mark_dispatch_failed(text[], jsonb) to service_role;
grant execute on function public.mark_dispatched(text[]) to service_role;
grant execute on function public.cancel_job(uuid, uuid) to service_role;
grant execute on function public.delete_document(uuid, uuid) to service_role;
grant execute on function public.prune_chunks(uuid, integer) to service_role;
grant execute on function public.purge_document(uuid) to service_role;
