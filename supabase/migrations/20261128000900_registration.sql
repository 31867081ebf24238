-- Registration: an upload is taken in once, by its owner's word where its cost was asked for, and read by the name that it came with
-- last. Touches: documents, uploads, ingestion_jobs, outbox (function register_document).

-- Registers an uploaded file; of a new document `event` is what waits in the outbox, and `overview` its row of document_overviews. Its
-- granted upload, if it had one, goes with it. The same bytes again are a duplicate; one that failed or was cancelled is queued anew, by
-- the name and the type that it has now. A document that was there only because another one carries it is its owner's own from now on,
-- and one that was read only as far as that goes is read anew.
-- No row where the id is that of a document already, deleted or of other bytes; nor, for who registers it `unasked`, where its upload
-- is gone or awaits its owner's word.
create or replace function public.register_document(p_owner_id uuid, p_document jsonb, p_settings jsonb)
returns table (document_id uuid, duplicate boolean, event jsonb, overview jsonb) language plpgsql set search_path = '' as $$
declare
  v_upload_id uuid := (p_document ->> 'id')::uuid;
  v_id uuid;
  v_job_id uuid;
  v_existing public.documents;
begin
  if (p_document ->> 'unasked')::boolean then
    -- Locked, so that nobody is told its cost until it is a document and the upload is gone.
    perform 1 from public.uploads u where u.id = v_upload_id and not u.awaits_consent for update;
    if not found then return; end if;
  end if;

  loop
    -- Any conflict: two who register one upload at once meet at its id.
    insert into public.documents (id, owner_id, title, title_given, file_name, media_type, size_bytes, sha256, storage_key)
    values (v_upload_id, p_owner_id, p_document ->> 'title', (p_document ->> 'titleGiven')::boolean,
            p_document ->> 'fileName', p_document ->> 'mediaType', (p_document ->> 'sizeBytes')::bigint,
            p_document ->> 'sha256', p_document ->> 'storageKey')
    on conflict do nothing
    returning id into v_id;
    if v_id is not null then
      delete from public.uploads u where u.id = v_upload_id;
      v_job_id := public.queue_job(v_id, 'upload', p_settings);
      return query
        select v_id, false, jsonb_build_object('id', o.id, 'name', o.name, 'data', o.data), to_jsonb(v)
        from public.ingestion_jobs j join public.outbox o on o.id = j.event_id join public.document_overviews v on v.id = j.document_id
        where j.id = v_job_id;
      return;
    end if;

    select d.* into v_existing from public.documents d
    where d.owner_id = p_owner_id and d.sha256 = p_document ->> 'sha256' and d.deleted_at is null for update;
    exit when found;
    if exists (select 1 from public.documents d where d.id = v_upload_id or d.storage_key = p_document ->> 'storageKey') then
      delete from public.uploads u where u.id = v_upload_id;
      return;
    end if;
    -- Deleted between the two statements: then the insert goes through now.
  end loop;

  update public.documents set parent_id = null, updated_at = now() where id = v_existing.id and parent_id is not null;
  if (
    v_existing.status in ('error', 'cancelled')
    or (v_existing.parent_id is not null and exists (select 1 from public.attachments a where a.parent_id = v_existing.id))
  ) and not exists (
    select 1 from public.ingestion_jobs j
    where j.document_id = v_existing.id and j.status in ('queued', 'processing')
  ) then
    update public.documents d
    set file_name = p_document ->> 'fileName', media_type = p_document ->> 'mediaType',
        title = case when (p_document ->> 'titleGiven')::boolean or not d.title_given then p_document ->> 'title' else d.title end,
        title_given = d.title_given or (p_document ->> 'titleGiven')::boolean
    where d.id = v_existing.id and d.status in ('error', 'cancelled');
    perform public.queue_job(v_existing.id, 'upload', p_settings);
  end if;
  return query select v_existing.id, true, null::jsonb, null::jsonb;
end;
$$;
