-- Outbox: events that must be sent, written with the rows that they announce. Touches: public.outbox.
create table public.outbox (
  id text constraint outbox_pkey primary key,
  name text not null,
  data jsonb not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  sent_at timestamptz
);

comment on table public.outbox is 'An event that must be sent. Its id is deterministic, so that sending it twice is receiving it once.';

create index outbox_unsent on public.outbox (created_at) where sent_at is null;

alter table public.outbox enable row level security;

revoke all on public.outbox from anon, authenticated;
grant all on public.outbox to service_role;
