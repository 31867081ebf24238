-- A job whose turn at the embeddings provider is far away rests until then. Touches: embedding_pace, ingestion_jobs (functions
-- take_embedding_turn, rest_until_turn).
alter table public.embedding_pace add column asks_from timestamptz not null default '-infinity';

comment on column public.embedding_pace.asks_from is 'When the next job that rests until its turn is to ask again.';

drop function public.take_embedding_turn(text, integer, integer, integer, double precision);

-- Gives out the next turn to ask the provider: in how many seconds. A turn that is further away than p_longest_wait is not given out; the
-- wait then only tells when to ask again. `turn_seconds` is how long nobody else asks for its sake. `code` is why nobody is to ask. Limits:
-- the given ones and those that the provider told, the lower one; nine tenths of them, and of those a second's worth at once: providers
-- look at shorter times than a minute, too. Who has waited for a turn asks `embedding_turn_stands` before using it.
create function public.take_embedding_turn(
  p_model text, p_tokens integer, p_requests_per_minute integer, p_tokens_per_minute integer, p_longest_wait double precision
)
returns table (wait_seconds double precision, turn_seconds double precision, is_taken boolean, code text, after_pause timestamptz)
language plpgsql set search_path = '' as $$
declare
  v_pace public.embedding_pace;
  v_requests double precision;
  v_tokens double precision;
  v_now timestamptz;
  v_start timestamptz;
  v_burst constant interval := '1 second';
begin
  select * into v_pace from public.embedding_pace p where p.model = p_model;
  -- Most installations are never refused anything: nothing is written then.
  if not found and p_requests_per_minute is null and p_tokens_per_minute is null then
    return query select 0::double precision, 0::double precision, true, null::text, null::timestamptz;
    return;
  end if;
  insert into public.embedding_pace (model) values (p_model) on conflict do nothing;
  select * into v_pace from public.embedding_pace p where p.model = p_model for update;

  v_now := clock_timestamp();
  if v_pace.learned_at > v_now - interval '1 hour' then
    p_requests_per_minute := least(p_requests_per_minute, v_pace.requests_per_minute);
    p_tokens_per_minute := least(p_tokens_per_minute, v_pace.tokens_per_minute);
  end if;
  v_requests := coalesce(60 / (0.9 * p_requests_per_minute), 0);
  v_tokens := coalesce(60 * p_tokens / (0.9 * p_tokens_per_minute), 0);
  v_start := greatest(v_now, v_pace.paused_until, v_pace.requests_from - v_burst, v_pace.tokens_from - v_burst);
  wait_seconds := extract(epoch from v_start - v_now);
  turn_seconds := greatest(v_requests, v_tokens);
  code := case when v_pace.paused_until > v_now then v_pace.paused_for end;
  after_pause := v_pace.paused_until;
  is_taken := wait_seconds <= p_longest_wait;
  if is_taken then
    update public.embedding_pace p
    set requests_from = greatest(v_start, v_pace.requests_from) + make_interval(secs => v_requests),
        tokens_from = greatest(v_start, v_pace.tokens_from) + make_interval(secs => v_tokens)
    where p.model = p_model;
  end if;
  return next;
end;
$$;

-- A turn is p_seconds away at least, and was not given out: the job rests until it is to ask again. Answers in how many seconds that is;
-- null when the job is not the caller's any more. Whoever rests is told a time of its own, one turn after the former, so that they do not
-- all come for the same one; after a quarter of an hour it begins at the front again, for some of those before may be cancelled by then.
create function public.rest_until_turn(p_job_id uuid, p_attempt integer, p_model text, p_seconds double precision, p_turn_seconds double precision)
returns double precision language plpgsql set search_path = '' as $$
declare
  v_pace public.embedding_pace;
  v_first timestamptz;
  v_last timestamptz;
begin
  perform public.lock_live_job(p_job_id, p_attempt);
  if not found then return null; end if;
  insert into public.embedding_pace (model) values (p_model) on conflict do nothing;
  select * into v_pace from public.embedding_pace p where p.model = p_model for update;
  v_first := clock_timestamp() + make_interval(secs => p_seconds);
  v_last := v_first + interval '15 minutes';
  if v_pace.asks_from between v_first and v_last then v_first := v_pace.asks_from; end if;
  update public.embedding_pace p set asks_from = v_first + make_interval(secs => p_turn_seconds) where p.model = p_model;
  update public.ingestion_jobs j set heartbeat_at = now(), resumes_at = greatest(j.resumes_at, v_first) where j.id = p_job_id;
  return extract(epoch from v_first - clock_timestamp());
end;
$$;

revoke all on function public.take_embedding_turn(text, integer, integer, integer, double precision) from public, anon, authenticated;
revoke all on function public.rest_until_turn(uuid, integer, text, double precision, double precision) from public, anon, authenticated;
grant execute on function public.take_embedding_turn(text, integer, integer, integer, double precision) to service_role;
grant execute on function public.rest_until_turn(uuid, integer, text, double precision, double precision) to service_role;
