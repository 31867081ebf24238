-- Attachments: the files that a document carries, each a document of its own where it can be read. Touches: documents, attachments, outbox.
-- Lock order: the carrying document, then the carried ones by their ids, then the rows of attachments.
alter table public.documents
  add column parent_id uuid constraint documents_parent_fkey references public.documents (id) on delete set null;

comment on column public.documents.parent_id is 'The document that carries this one and with which it goes. Null once its owner has put it in as a file of its own.';

create index documents_parent on public.documents (parent_id);

create table public.attachments (
  parent_id uuid not null constraint attachments_parent_fkey references public.documents (id) on delete cascade,
  position integer not null constraint attachments_position_natural check (position >= 0),
  owner_id uuid not null,
  file_name text not null,
  sha256 text not null constraint attachments_sha256_form check (sha256 ~ '^[0-9a-f]{64}$'),
  document_id uuid constraint attachments_document_fkey references public.documents (id) on delete set null,
  refusal text,
  removed_at timestamptz,
  constraint attachments_pkey primary key (parent_id, position)
);

comment on table public.attachments is 'A file that a document carries: the document that it is, or why it is none.';
comment on column public.attachments.refusal is 'Why the file was not read, in a sentence.';
comment on column public.attachments.removed_at is 'Since when its owner wants no document of it: a reprocess does not bring it back.';

create index attachments_document on public.attachments (document_id);

alter table public.attachments enable row level security;

create policy attachments_select_own on public.attachments for select to authenticated
  using ((select auth.uid()) = owner_id);

revoke all on public.attachments from anon, authenticated;
grant select on public.attachments to authenticated;
grant all on public.attachments to service_role;

-- Notes what one attachment of a job's document is, and makes a document of it. Without p_document it only looks: `wanted` asks the
-- caller to store the file and to call again. p_attachment: {position, fileName, sha256, refusal?}. Answers `refused`, `known` (the
-- owner has these bytes), `removed`, `wanted` or `registered`; empty when the job is not the caller's any more. Safe to repeat.
create function public.register_attachment(p_job_id uuid, p_attempt integer, p_attachment jsonb, p_document jsonb, p_settings jsonb)
returns table (outcome text, document_id uuid) language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_sha256 text := p_attachment ->> 'sha256';
begin
  select * into v_job from public.lock_live_job(p_job_id, p_attempt);
  if not found then return; end if;
  update public.ingestion_jobs set heartbeat_at = now() where id = p_job_id;

  if p_attachment ->> 'refusal' is not null then
    outcome := 'refused';
  else
    loop
      select d.id into document_id from public.documents d
      where d.owner_id = v_job.owner_id and d.sha256 = v_sha256 and d.deleted_at is null for update;
      if found then
        outcome := 'known';
      elsif exists (
        select 1 from public.attachments a
        where a.parent_id = v_job.document_id and a.sha256 = v_sha256 and a.removed_at is not null
      ) then
        outcome := 'removed';
      elsif p_document is null then
        outcome := 'wanted';
        return next;
        return;
      else
        insert into public.documents (id, owner_id, parent_id, title, file_name, media_type, size_bytes, sha256, storage_key)
        values ((p_document ->> 'id')::uuid, v_job.owner_id, v_job.document_id, p_document ->> 'title', p_document ->> 'fileName',
                p_document ->> 'mediaType', (p_document ->> 'sizeBytes')::bigint, v_sha256, p_document ->> 'storageKey')
        on conflict (owner_id, sha256) where deleted_at is null do nothing
        returning id into document_id;
        -- Put in by somebody else between the two statements: then it is found now.
        continue when document_id is null;
        outcome := 'registered';
        perform public.queue_job(document_id, 'upload', p_settings);
      end if;
      exit;
    end loop;
  end if;

  insert into public.attachments (parent_id, position, owner_id, file_name, sha256, document_id, refusal, removed_at)
  values (v_job.document_id, (p_attachment ->> 'position')::integer, v_job.owner_id, p_attachment ->> 'fileName', v_sha256,
          register_attachment.document_id, p_attachment ->> 'refusal', case outcome when 'removed' then now() end)
  on conflict on constraint attachments_pkey do update
  set file_name = excluded.file_name, sha256 = excluded.sha256, document_id = excluded.document_id, refusal = excluded.refusal,
      removed_at = excluded.removed_at;
  return next;
end;
$$;

-- Registers an uploaded file. The same bytes again are a duplicate; one that failed or was cancelled is queued anew. A document that was
-- there only because another one carries it is its owner's own from now on, and one that was read only as far as that goes is read anew.
create or replace function public.register_document(p_owner_id uuid, p_document jsonb, p_settings jsonb)
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
    return query select v_existing.id, true;
    return;
  end loop;
end;
$$;

-- Raises the fence: nobody sees the document any more, no work on it goes on, and its removal is announced. Works in any state. What it
-- carries goes with it, unless its owner has put that in as a file of its own, or another document carries it, too.
-- False when there is no such document.
create or replace function public.delete_document(p_owner_id uuid, p_document_id uuid)
returns boolean language plpgsql set search_path = '' as $$
declare
  v_parent_id uuid;
  v_child_id uuid;
  v_other_id uuid;
begin
  update public.documents set deleted_at = now(), updated_at = now()
  where id = p_document_id and owner_id = p_owner_id and deleted_at is null
  returning parent_id into v_parent_id;
  if not found then return false; end if;
  update public.ingestion_jobs set status = 'cancelled', finished_at = now()
  where document_id = p_document_id and status in ('queued', 'processing');
  insert into public.outbox (id, name, data)
  values ('document.deleted:' || p_document_id, 'document.deleted',
          jsonb_strip_nulls(jsonb_build_object('documentId', p_document_id, 'ownerId', p_owner_id, 'parentId', v_parent_id)));

  for v_child_id in
    select c.id from public.documents c
    where (c.parent_id = p_document_id
        or c.id in (select a.document_id from public.attachments a where a.parent_id = p_document_id))
      and c.parent_id is not null and c.deleted_at is null
    order by c.id for update
  loop
    select a.parent_id into v_other_id from public.attachments a join public.documents d on d.id = a.parent_id
    where a.document_id = v_child_id and d.deleted_at is null order by d.created_at, d.id limit 1;
    if v_other_id is null then
      -- Known as its child, so that what announces this deletion announces that one, too.
      update public.documents set parent_id = p_document_id where id = v_child_id;
      perform public.delete_document(p_owner_id, v_child_id);
    else
      update public.documents set parent_id = v_other_id where id = v_child_id;
    end if;
  end loop;

  update public.attachments set removed_at = now(), document_id = null where document_id = p_document_id;
  return true;
end;
$$;

revoke all on function public.register_attachment(uuid, integer, jsonb, jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.register_attachment(uuid, integer, jsonb, jsonb, jsonb) to service_role;
