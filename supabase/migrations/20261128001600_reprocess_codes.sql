-- A bulk reprocess of those alone that ended with certain errors. Touches: function is_reprocess_wanted.

-- Whether a document is meant by p_filter {ownerId?, status?, codes?, ids?, model?}; a key that is not there leaves nothing out. `codes`
-- are those of the error that it shows, `model` is the one that made the served index.
create or replace function public.is_reprocess_wanted(p_document public.documents, p_filter jsonb)
returns boolean language sql stable set search_path = '' as $$
  select p_document.deleted_at is null
    and (p_filter ->> 'ownerId' is null or p_document.owner_id = (p_filter ->> 'ownerId')::uuid)
    and (p_filter ->> 'status' is null or p_document.status = p_filter ->> 'status')
    and (jsonb_typeof(p_filter -> 'codes') is distinct from 'array' or p_filter -> 'codes' ? (p_document.error ->> 'code'))
    and (jsonb_typeof(p_filter -> 'ids') is distinct from 'array' or p_filter -> 'ids' ? p_document.id::text)
    and (p_filter ->> 'model' is null or exists (
      select 1 from public.ingestion_jobs j
      where j.id = p_document.active_job_id and j.settings ->> 'model' = p_filter ->> 'model'
    ));
$$;
