-- Embedding pace: one budget of requests and tokens for all documents, kept where every worker sees it. Touches: public.embedding_pace.
create table public.embedding_pace (
  model text constraint embedding_pace_pkey primary key,
  requests_from timestamptz not null default '-infinity',
  tokens_from timestamptz not null default '-infinity',
  paused_until timestamptz not null default '-infinity',
  paused_for text,
  told_at timestamptz not null default '-infinity',
  requests_per_minute integer,
  tokens_per_minute integer,
  learned_at timestamptz not null default '-infinity'
);

comment on table public.embedding_pace is 'When the embeddings provider may be asked next, by model. A turn that is given out moves the times on.';
comment on column public.embedding_pace.paused_for is 'The failure code for which nobody asks until paused_until.';
comment on column public.embedding_pace.told_at is 'When operators were last told of paused_for.';
comment on column public.embedding_pace.learned_at is 'When the provider told its limits, refusing for their sake. They are kept to for an hour.';

alter table public.embedding_pace enable row level security;

revoke all on public.embedding_pace from anon, authenticated;
grant all on public.embedding_pace to service_role;

-- Gives out the next turn to ask the provider: in how many seconds. A turn that is further away than p_longest_wait is not given out; the
-- wait then only tells when to ask again. `code` is why nobody is to ask. Limits: the given ones and those that the provider told, the
-- lower one; nine tenths of them, and of those a second's worth at once: providers look at shorter times than a minute, too.
-- Who has waited for a turn asks `embedding_turn_stands` before using it.
create function public.take_embedding_turn(
  p_model text, p_tokens integer, p_requests_per_minute integer, p_tokens_per_minute integer, p_longest_wait double precision
)
returns table (wait_seconds double precision, is_taken boolean, code text, after_pause timestamptz) language plpgsql set search_path = '' as $$
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
    return query select 0::double precision, true, null::text, null::timestamptz;
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

-- Whether a turn still counts: a pause that came after it was given out takes it back, or all who wait would be refused one by one.
create function public.embedding_turn_stands(p_model text, p_after_pause timestamptz)
returns boolean language sql stable set search_path = '' as $$
  select not exists (
    select 1 from public.embedding_pace p where p.model = p_model and p.paused_until is distinct from p_after_pause
  );
$$;

-- The provider refused: nobody asks it for so long, and then one after the other, none at once. True when operators are to be told, which is once an hour for the same reason.
create function public.pause_embedding(
  p_model text, p_seconds double precision, p_code text, p_requests_per_minute integer, p_tokens_per_minute integer
)
returns boolean language plpgsql set search_path = '' as $$
declare
  v_pace public.embedding_pace;
  v_now timestamptz;
  v_until timestamptz;
  v_is_news boolean;
  v_burst constant interval := '1 second';
begin
  insert into public.embedding_pace (model) values (p_model) on conflict do nothing;
  select * into v_pace from public.embedding_pace p where p.model = p_model for update;
  v_now := clock_timestamp();
  v_is_news := v_pace.paused_for is distinct from p_code or v_pace.told_at < v_now - interval '1 hour';
  v_until := greatest(v_pace.paused_until, v_now + make_interval(secs => p_seconds));
  update public.embedding_pace p
  set paused_until = v_until,
      requests_from = case when v_until > v_pace.paused_until then v_until + v_burst else v_pace.requests_from end,
      tokens_from = case when v_until > v_pace.paused_until then v_until + v_burst else v_pace.tokens_from end,
      paused_for = p_code,
      told_at = case when v_is_news then v_now else v_pace.told_at end,
      requests_per_minute = coalesce(p_requests_per_minute, v_pace.requests_per_minute),
      tokens_per_minute = coalesce(p_tokens_per_minute, v_pace.tokens_per_minute),
      learned_at = case
        when coalesce(p_requests_per_minute, p_tokens_per_minute) is null then v_pace.learned_at else v_now
      end
  where p.model = p_model;
  return v_is_news;
end;
$$;

revoke all on function public.take_embedding_turn(text, integer, integer, integer, double precision) from public, anon, authenticated;
revoke all on function public.embedding_turn_stands(text, timestamptz) from public, anon, authenticated;
revoke all on function public.pause_embedding(text, double precision, text, integer, integer) from public, anon, authenticated;
grant execute on function public.take_embedding_turn(text, integer, integer, integer, double precision) to service_role;
grant execute on function public.embedding_turn_stands(text, timestamptz) to service_role;
grant execute on function public.pause_embedding(text, double precision, text, integer, integer) to service_role;
