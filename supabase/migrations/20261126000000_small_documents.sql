-- Small documents: what took several calls takes one. Touches: documents (function register_document), ingestion_jobs (function begin_stage),
-- embedding_pace (function prepare_batch).

-- Enters a stage and answers with what the stage works on; what was found out before is recorded with it (see record_progress). What is
-- cut and embedded in one go was cut when it began to be embedded.
create or replace function public.begin_stage(p_job_id uuid, p_attempt integer, p_stage text, p_progress jsonb default null)
returns table (
  job_id uuid, attempt integer, number integer, document_id uuid, owner_id uuid, storage_key text, file_name text, media_type text,
  size_bytes bigint, sha256 text, settings jsonb
) language plpgsql set search_path = '' as $$
declare
  v_entered jsonb := jsonb_build_object(p_stage, now());
begin
  if p_progress is not null then
    if not public.record_progress(p_job_id, p_attempt, p_progress) then return; end if;
  else
    perform public.lock_live_job(p_job_id, p_attempt);
    if not found then return; end if;
  end if;
  if p_stage = 'embed' then v_entered := v_entered || jsonb_build_object('chunk', now()); end if;
  return query
    update public.ingestion_jobs j
    set stage = p_stage, heartbeat_at = now(), timings = v_entered || j.timings
    from public.documents d
    where j.id = p_job_id and d.id = j.document_id
    returning j.id, j.attempt, j.number, d.id, d.owner_id, d.storage_key, d.file_name, d.media_type, d.size_bytes, d.sha256, j.settings;
end;
$$;

-- What there is to do for a batch: {missing: [{ordinal, cached}], turn}. `missing` is what read_missing_chunks tells; `turn` is that of
-- take_embedding_turn, null where nothing is to be paid for.
create function public.prepare_batch(
  p_job_id uuid, p_attempt integer, p_ordinals integer[], p_hashes text[], p_token_counts integer[],
  p_model text, p_requests_per_minute integer, p_tokens_per_minute integer, p_longest_wait double precision
)
returns jsonb language plpgsql set search_path = '' as $$
declare
  v_missing jsonb;
  v_tokens integer;
  v_turn jsonb;
begin
  select jsonb_agg(to_jsonb(m) order by m.ordinal), sum(w.tokens) filter (where not m.cached) into v_missing, v_tokens
  from public.read_missing_chunks(p_job_id, p_attempt, p_ordinals, p_hashes) m
  join unnest(p_ordinals, p_token_counts) as w (ordinal, tokens) on w.ordinal = m.ordinal;
  if v_tokens is not null then
    select to_jsonb(t) into v_turn
    from public.take_embedding_turn(p_model, v_tokens, p_requests_per_minute, p_tokens_per_minute, p_longest_wait) t;
  end if;
  return jsonb_build_object('missing', coalesce(v_missing, '[]'), 'turn', v_turn);
end;
$$;

revoke all on function public.prepare_batch(uuid, integer, integer[], text[], integer[], text, integer, integer, double precision)
  from public, anon, authenticated;
grant execute on function public.prepare_batch(uuid, integer, integer[], text[], integer[], text, integer, integer, double precision)
  to service_role;

drop function public.register_document(uuid, jsonb, jsonb);

-- Registers an uploaded file; of a new document `event` is what waits in the outbox, and `overview` its row of document_overviews. The
-- same bytes again are a duplicate; one that failed or was cancelled is queued anew. A document that was there only because another one carries it is its owner's own from now on,
-- and one that was read only as far as that goes is read anew.
create function public.register_document(p_owner_id uuid, p_document jsonb, p_settings jsonb)
returns table (document_id uuid, duplicate boolean, event jsonb, overview jsonb) language plpgsql set search_path = '' as $$
declare
  v_id uuid;
  v_job_id uuid;
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
      v_job_id := public.queue_job(v_id, 'upload', p_settings);
      return query
        select v_id, false, jsonb_build_object('id', o.id, 'name', o.name, 'data', o.data), to_jsonb(v)
        from public.ingestion_jobs j join public.outbox o on o.id = j.event_id join public.document_overviews v on v.id = j.document_id
        where j.id = v_job_id;
      return;
    end if;

    select d.* into v_existing from public.documents d
    where d.owner_id = p_owner_id and d.sha256 = p_document ->> 'sha256' and d.deleted_at is null for update;
    -- Deleted between the two statements: then the insert goes through now.
    continue when not found;

    update public.documents set parent_id = null, updated_at = now() where id = v_existing.id and parent_id is not null;
    if (
      v_existing.status in ('error', 'cancelled')
      or (v_existing.parent_id is not null and exists (select 1 from public.attachments a where a.parent_id = v_existing.id))
    ) and not exists (
      select 1 from public.ingestion_jobs j
      where j.document_id = v_existing.id and j.status in ('queued', 'processing')
    ) then
      perform public.queue_job(v_existing.id, 'upload', p_settings);
    end if;
    return query select v_existing.id, true, null::jsonb, null::jsonb;
    return;
  end loop;
end;
$$;

revoke all on function public.register_document(uuid, jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.register_document(uuid, jsonb, jsonb) to service_role;
