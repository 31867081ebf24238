-- Buckets and their policies. Touches: storage.buckets, storage.objects.
-- The originals. The app asks for the same limit (MAX_FILE_BYTES); raise both together.
insert into storage.buckets (id, name, public, file_size_limit)
values ('documents', 'documents', false, 52428800)
on conflict (id) do nothing;

-- What the stages hand to each other: parsed text and chunk plans. Only the service reads and writes it.
insert into storage.buckets (id, name, public)
values ('ingestion', 'ingestion', false)
on conflict (id) do nothing;

-- Owners read their own originals; they write through signed upload URLs only.
create policy documents_bucket_select_own on storage.objects for select to authenticated
  using (bucket_id = 'documents' and (storage.foldername(name))[1] = (select auth.uid())::text);
