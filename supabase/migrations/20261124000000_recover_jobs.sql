-- Recovery: jobs that show no sign of life, or that an outage ended, are asked for again by a new event. Touches: ingestion_jobs, documents, outbox, ingestion_events.
alter table public.ingestion_jobs
  add column recoveries integer not null default 0,
  add column recovered_at timestamptz,
  add column resumes_at timestamptz;

comment on column public.ingestion_jobs.recoveries is 'How often the job was asked for again by itself.';
comment on column public.ingestion_jobs.recovered_at is 'When it was asked for last. A run takes such a job up only if it has shown no life since.';
comment on column public.ingestion_jobs.resumes_at is 'Until when the job rests because another service asked it to wait. No sign of life is expected before.';

create index ingestion_jobs_failed on public.ingestion_jobs (finished_at) where status = 'error';

-- Whether an owner's jobs may only be waiting for their turn: as many jobs as may run at once, of the owner or of all, show life.
create function public.is_at_capacity(p_owner_id uuid, p_lease_seconds integer, p_owner_limit integer, p_total_limit integer)
returns boolean language sql stable set search_path = '' as $$
  select count(*) >= p_total_limit or count(*) filter (where j.owner_id = p_owner_id) >= p_owner_limit
  from public.ingestion_jobs j
  where j.status = 'processing' and j.heartbeat_at >= now() - make_interval(secs => p_lease_seconds);
$$;

-- The jobs that have stalled: in work, and without a sign of life for the lease. Three kinds of silence are none: a rest that another
-- service asked for, an event that still waits in the outbox, and waiting for capacity.
create function public.list_stalled_jobs(p_lease_seconds integer, p_owner_limit integer, p_total_limit integer)
returns setof public.ingestion_jobs language sql stable set search_path = '' as $$
  select j.* from public.ingestion_jobs j join public.documents d on d.id = j.document_id
  where j.status in ('queued', 'processing') and d.deleted_at is null
    and greatest(j.heartbeat_at, j.recovered_at, j.resumes_at) < now() - make_interval(secs => p_lease_seconds)
    and not exists (select 1 from public.outbox o where o.sent_at is null and o.data ->> 'jobId' = j.id::text)
    and not public.is_at_capacity(j.owner_id, p_lease_seconds, p_owner_limit, p_total_limit)
  order by j.heartbeat_at limit 100;
$$;

-- The jobs that an outage ended: with one of p_codes, longer ago than the lease, and with nothing newer for their documents.
create function public.list_interrupted_jobs(p_lease_seconds integer, p_owner_limit integer, p_total_limit integer, p_codes text[])
returns setof public.ingestion_jobs language sql stable set search_path = '' as $$
  select j.* from public.ingestion_jobs j join public.documents d on d.id = j.document_id
  where j.status = 'error' and j.error ->> 'code' = any (p_codes) and d.deleted_at is null
    and greatest(j.finished_at, j.recovered_at) < now() - make_interval(secs => p_lease_seconds)
    and not exists (
      select 1 from public.ingestion_jobs newer where newer.document_id = j.document_id and newer.number > j.number
    )
    and not exists (select 1 from public.outbox o where o.sent_at is null and o.data ->> 'jobId' = j.id::text)
    and not public.is_at_capacity(j.owner_id, p_lease_seconds, p_owner_limit, p_total_limit)
  order by j.finished_at limit 100;
$$;

-- Asks again for every job that stalled or that an outage (p_outages: its codes) ended, at most p_most times each. Then a stalled job
-- ends with p_error. Answers with the events to send, which wait in the outbox, and with one row without an event for each job that
-- was given up.
create function public.recover_jobs(
  p_lease_seconds integer, p_owner_limit integer, p_total_limit integer, p_most integer, p_error jsonb, p_outages text[]
)
returns table (job_id uuid, event_id text, event_name text, event_data jsonb) language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
begin
  for v_job in
    select * from public.list_stalled_jobs(p_lease_seconds, p_owner_limit, p_total_limit)
    union all
    select i.* from public.list_interrupted_jobs(p_lease_seconds, p_owner_limit, p_total_limit, p_outages) i
    where i.recoveries < p_most
  loop
    perform 1 from public.documents d where d.id = v_job.document_id and d.deleted_at is null for update skip locked;
    continue when not found;
    -- It may have shown life, or have ended, since it was listed.
    perform 1 from public.ingestion_jobs j
    where j.id = v_job.id and j.status = v_job.status and j.heartbeat_at = v_job.heartbeat_at
      and j.recoveries = v_job.recoveries for update;
    continue when not found;

    job_id := v_job.id;
    if v_job.recoveries >= p_most then
      perform public.fail_job(v_job.id, v_job.run_id, p_error);
      event_id := null;
      event_name := null;
      event_data := null;
    else
      update public.ingestion_jobs j set recoveries = j.recoveries + 1, recovered_at = now() where j.id = v_job.id;
      event_name := case v_job.reason when 'upload' then 'document.uploaded' else 'document.reprocess.requested' end;
      event_id := event_name || ':' || v_job.id || ':' || (v_job.recoveries + 1);
      event_data := jsonb_build_object('documentId', v_job.document_id, 'jobId', v_job.id, 'ownerId', v_job.owner_id);
      insert into public.outbox (id, name, data) values (event_id, event_name, event_data);
      insert into public.ingestion_events (document_id, job_id, owner_id, level, stage, code, message)
      values (v_job.document_id, v_job.id, v_job.owner_id, 'warn', v_job.stage, 'recovered', format(
        '%s Asked for again (%s of %s).',
        case v_job.status when 'error' then 'An outage ended it.' else 'No sign of life.' end, v_job.recoveries + 1, p_most
      ));
    end if;
    return next;
  end loop;
end;
$$;

-- Another service asked the job to wait. False when the job is not the caller's any more.
create function public.rest_job(p_job_id uuid, p_attempt integer, p_seconds double precision)
returns boolean language plpgsql set search_path = '' as $$
begin
  perform public.lock_live_job(p_job_id, p_attempt);
  if not found then return false; end if;
  update public.ingestion_jobs
  set heartbeat_at = now(), resumes_at = greatest(resumes_at, now() + make_interval(secs => p_seconds)) where id = p_job_id;
  return true;
end;
$$;

-- A run takes a job up. The same run again gets the same attempt; another run gets the next one, and so shuts the former out.
-- A failed job may be taken up again (a replay) while it is the newest one. Without a job id the event itself asks for one.
-- A job in work stays with the run that has it until it is asked for again, and then goes to one run only: another one would pay once
-- more for the passages that the former has at the provider.
create or replace function public.start_job(p_document_id uuid, p_job_id uuid, p_event_id text, p_run_id text, p_settings jsonb)
returns table (job_id uuid, attempt integer, owner_id uuid) language plpgsql set search_path = '' as $$
declare
  v_job public.ingestion_jobs;
  v_job_id uuid;
begin
  perform 1 from public.documents d where d.id = p_document_id and d.deleted_at is null for update;
  if not found then return; end if;

  select j.* into v_job from public.ingestion_jobs j
  where j.document_id = p_document_id and (j.id = p_job_id or (p_job_id is null and j.event_id = p_event_id));
  if not found then
    if p_job_id is not null then return; end if;
    v_job_id := public.queue_job(p_document_id, 'reprocess', p_settings, p_event_id);
    select j.* into v_job from public.ingestion_jobs j where j.id = v_job_id;
  end if;

  if v_job.status not in ('queued', 'processing', 'error') or exists (
    select 1 from public.ingestion_jobs j where j.document_id = p_document_id and j.number > v_job.number
  ) then return; end if;
  if v_job.status = 'processing' and v_job.run_id is distinct from p_run_id
    and v_job.heartbeat_at > coalesce(v_job.recovered_at, '-infinity') then
    return;
  end if;

  update public.documents d set status = 'processing', error = null, updated_at = now() where d.id = p_document_id;
  return query
    update public.ingestion_jobs j
    set status = 'processing', run_id = p_run_id, error = null, finished_at = null, heartbeat_at = now(), resumes_at = null,
        started_at = coalesce(j.started_at, now()),
        attempt = j.attempt + case when j.run_id is not distinct from p_run_id then 0 else 1 end
    where j.id = v_job.id
    returning j.id, j.attempt, j.owner_id;
end;
$$;

revoke all on function public.is_at_capacity(uuid, integer, integer, integer) from public, anon, authenticated;
revoke all on function public.list_stalled_jobs(integer, integer, integer) from public, anon, authenticated;
revoke all on function public.list_interrupted_jobs(integer, integer, integer, text[]) from public, anon, authenticated;
revoke all on function public.recover_jobs(integer, integer, integer, integer, jsonb, text[]) from public, anon, authenticated;
revoke all on function public.rest_job(uuid, integer, double precision) from public, anon, authenticated;
grant execute on function public.is_at_capacity(uuid, integer, integer, integer) to service_role;
grant execute on function public.list_stalled_jobs(integer, integer, integer) to service_role;
grant execute on function public.list_interrupted_jobs(integer, integer, integer, text[]) to service_role;
grant execute on function public.recover_jobs(integer, integer, integer, integer, jsonb, text[]) to service_role;
grant execute on function public.rest_job(uuid, integer, double precision) to service_role;
