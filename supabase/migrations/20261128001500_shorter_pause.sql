-- A provider that asks for a day does not stop everybody for a day: it is asked again, and may say so again. Touches: function pause_embedding.

-- The provider refused: nobody asks it for so long, a quarter of an hour at most, and then one after the other, none at once. True when operators are to be told, which is once an hour for the same reason.
create or replace function public.pause_embedding(
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
  v_until := greatest(v_pace.paused_until, v_now + make_interval(secs => least(p_seconds, 15 * 60)));
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
