-- Queuing: a job, its event and its timeline line in one transaction. Touches: documents, ingestion_jobs, outbox, ingestion_events.
-- Lock order everywhere: the document first, then its job.

-- Called with the document locked. A job that is still in work is superseded.
create function public.queue_job(p_document_id uuid, p_reason text, p_settings jsonb, p_event_id text default null)
returns uuid language plpgsql set search_path = '' as $$
declare
  v_job_id uuid := gen_random_uuid();
  v_number integer;
  v_owner_id uuid;
  v_event_name text := case p_reason when 'upload' then 'document.uploaded' else 'document.reprocess.requested' end;
begin
  update public.ingestion_jobs set status = 'superseded', finished_at = now()
  where document_id = p_document_id and status in ('queued', 'processing');

  select coalesce(max(j.number), 0) + 1 into v_number from public.ingestion_jobs j where j.document_id = p_document_id;

  update public.documents set status = 'queued', error = null, updated_at = now()
  where id = p_document_id returning owner_id into v_owner_id;

  insert into public.ingestion_jobs (id, document_id, owner_id, number, reason, event_id, settings)
  values (v_job_id, p_document_id, v_owner_id, v_number, p_reason,
          coalesce(p_event_id, v_event_name || ':' || v_job_id), p_settings);

  -- With an event id the event is already on its way: it asked for this job.
  if p_event_id is null then
    insert into public.outbox (id, name, data)
    values (v_event_name || ':' || v_job_id, v_event_name,
            jsonb_build_object('documentId', p_document_id, 'jobId', v_job_id, 'ownerId', v_owner_id));
  end if;

  insert into public.ingestion_events (document_id, job_id, owner_id, code, message)
  values (p_document_id, v_job_id, v_owner_id, 'queued',
          case p_reason when 'upload' then 'Uploaded and queued.' else 'Queued again.' end);
  return v_job_id;
end;
$$;

-- Registers an uploaded file. The same bytes again are a duplicate; one that failed or was cancelled is queued anew.
create function public.register_document(p_owner_id uuid, p_document jsonb, p_settings jsonb)
returns table (document_id uuid, duplicate boolean) language plpgsql set search_path = '' as $$
declare
  v_id uuid;
  v_existing public.documents;
begin
  loop
    insert into public.documents (id, owner_id, title, title_given, file_name, media_type, size_bytes, sha256, storage_key)
    values ((p_document ->> 'id')::uuid, p_owner_id, p_document ->> 'title', (p_document ->> 'titleGiven')::boolean,
            p_document ->> 'fileName', p_document ->> 'mediaType', (p_document ->> 'sizeBytes')::bigint,
            p_document ->> 'sha256', p_document ->> 'storageKey')
    on conflict (owner_id, sha256) where deleted_at is null do nothing
    returning id into v_id;
    if v_id is not null then
      perform public.queue_job(v_id, 'upload', p_settings);
      return query select v_id, false;
      return;
    end if;

    select d.* into v_existing from public.documents d
    where d.owner_id = p_owner_id and d.sha256 = p_document ->> 'sha256' and d.deleted_at is null for update;
    -- Deleted between the two statements: then the insert goes through now.
    continue when not found;

    if v_existing.status in ('error', 'cancelled') and not exists (
      select 1 from public.ingestion_jobs j
      where j.document_id = v_existing.id and j.status in ('queued', 'processing')
    ) then
      perform public.queue_job(v_existing.id, 'upload', p_settings);
    end if;
    return query select v_existing.id, true;
    return;
  end loop;
end;
$$;

-- Queues a document again. Without an owner the service asks. Empty when there is no such document.
create function public.request_reprocess(p_owner_id uuid, p_document_id uuid, p_settings jsonb)
returns setof uuid language plpgsql set search_path = '' as $$
begin
  perform 1 from public.documents d
  where d.id = p_document_id and d.owner_id = coalesce(p_owner_id, d.owner_id) and d.deleted_at is null for update;
  if found then
    return next public.queue_job(p_document_id, 'reprocess', p_settings);
  end if;
end;
$$;

revoke all on function public.queue_job(uuid, text, jsonb, text) from public, anon, authenticated;
revoke all on function public.register_document(uuid, jsonb, jsonb) from public, anon, authenticated;
revoke all on function public.request_reprocess(uuid, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.queue_job(uuid, text, jsonb, text) to service_role;
grant execute on function public.register_document(uuid, jsonb, jsonb) to service_role;
grant execute on function public.request_reprocess(uuid, uuid, jsonb) to service_role;
