-- Bulk reprocess: many documents queued again, by pages. Touches: documents, ingestion_jobs, outbox, ingestion_events.

-- Whether a document is meant by p_filter {ownerId?, status?, ids?, model?}; a key that is not there leaves nothing out. `model` is the
-- one that made the served index.
create function public.is_reprocess_wanted(p_document public.documents, p_filter jsonb)
returns boolean language sql stable set search_path = '' as $$
  select p_document.deleted_at is null
    and (p_filter ->> 'ownerId' is null or p_document.owner_id = (p_filter ->> 'ownerId')::uuid)
    and (p_filter ->> 'status' is null or p_document.status = p_filter ->> 'status')
    and (jsonb_typeof(p_filter -> 'ids') is distinct from 'array' or p_filter -> 'ids' ? p_document.id::text)
    and (p_filter ->> 'model' is null or exists (
      select 1 from public.ingestion_jobs j
      where j.id = p_document.active_job_id and j.settings ->> 'model' = p_filter ->> 'model'
    ));
$$;

-- Asks for a bulk reprocess of an owner's documents: the event in the outbox, and how many documents it means now.
create function public.request_bulk_reprocess(p_owner_id uuid, p_filter jsonb)
returns table (event_id text, documents bigint) language plpgsql set search_path = '' as $$
declare
  v_filter jsonb := p_filter || jsonb_build_object('ownerId', p_owner_id);
begin
  select count(*) into documents from public.documents d
  where d.owner_id = p_owner_id and public.is_reprocess_wanted(d, v_filter);
  event_id := 'documents.reprocess.requested:' || gen_random_uuid();
  if documents > 0 then
    insert into public.outbox (id, name, data) values (event_id, 'documents.reprocess.requested', v_filter);
  end if;
  return next;
end;
$$;

-- Queues the next page of the documents that p_filter means, in the order of their ids, and answers with {last, events}: where the next
-- page begins (null when there is none) and what is to be sent, which waits in the outbox. The id of each event follows from the
-- request and the document, so a page that is queued twice is queued once. A document that is in work by the same settings is left alone.
create function public.queue_reprocess_page(p_request_id text, p_filter jsonb, p_settings jsonb, p_after uuid, p_limit integer)
returns jsonb language plpgsql set search_path = '' as $$
declare
  v_document public.documents;
  v_event_id text;
  v_data jsonb;
  v_seen integer := 0;
  v_last uuid;
  v_events jsonb := '[]';
begin
  for v_document in
    select d.* from public.documents d
    where (p_after is null or d.id > p_after) and public.is_reprocess_wanted(d, p_filter)
    order by d.id limit p_limit for update
  loop
    v_seen := v_seen + 1;
    v_last := v_document.id;
    v_event_id := 'document.reprocess.requested:' || p_request_id || ':' || v_document.id;
    continue when exists (
      select 1 from public.ingestion_jobs j
      where j.document_id = v_document.id
        and (j.event_id = v_event_id or (j.status in ('queued', 'processing') and j.settings = p_settings))
    );
    v_data := jsonb_build_object(
      'documentId', v_document.id, 'ownerId', v_document.owner_id,
      'jobId', public.queue_job(v_document.id, 'reprocess', p_settings, v_event_id)
    );
    insert into public.outbox (id, name, data) values (v_event_id, 'document.reprocess.requested', v_data);
    v_events := v_events || jsonb_build_object('id', v_event_id, 'name', 'document.reprocess.requested', 'data', v_data);
  end loop;
  return jsonb_build_object('last', case when v_seen = p_limit then v_last end, 'events', v_events);
end;
$$;

revoke all on function public.is_reprocess_wanted(public.documents, jsonb) from public, anon, authenticated;
revoke all on function public.request_bulk_reprocess(uuid, jsonb) from public, anon, authenticated;
revoke all on function public.queue_reprocess_page(text, jsonb, jsonb, uuid, integer) from public, anon, authenticated;
grant execute on function public.is_reprocess_wanted(public.documents, jsonb) to service_role;
grant execute on function public.request_bulk_reprocess(uuid, jsonb) to service_role;
grant execute on function public.queue_reprocess_page(text, jsonb, jsonb, uuid, integer) to service_role;
