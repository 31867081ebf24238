/** Raised with every change of the tables below. */
export const schemaVersion = 1;

/** What jobs that wait for the same limits have in common: function and keys. */
export const queueOfJob = "json_array(function_id, key_a, key_b)";

/** What may change without another layout: made anew in files that have it otherwise. */
export const indexesSql = `
drop index if exists jobs_in_order;
create index if not exists jobs_by_queue on jobs (${queueOfJob}, started desc, rank, id) where leased_at is null;
`;

/** Times are milliseconds since 1970; JSON columns hold text that is passed on as it is. */
export const schemaSql = `
create table meta (name text primary key, value text not null) strict;

-- One row per function that an app has registered; \`config\` is what the SDK sent.
create table functions (
  id text primary key,
  app text not null,
  config text not null,
  registered_at integer not null
) strict;

create table events (
  internal_id text primary key,
  id text not null,
  name text not null,
  ts integer not null,
  received_at integer not null,
  body text not null
) strict;
create index events_by_id on events (id);
create index events_by_age on events (received_at);

create table runs (
  id text primary key,
  function_id text not null,
  status text not null check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  event_name text not null,
  rank integer not null,
  request_version integer not null default -1,
  force_plan integer not null default 0,
  key_a text,
  key_b text,
  throttle_key text,
  singleton_key text,
  correlation_id text,
  rerun_of text,
  step_count integer not null default 0,
  state_bytes integer not null default 0,
  output text,
  queued_at integer not null,
  started_at integer,
  ended_at integer
) strict;
create index runs_active on runs (function_id) where ended_at is null;
create index runs_by_singleton on runs (singleton_key) where ended_at is null and singleton_key is not null;
create index runs_by_end on runs (ended_at) where ended_at is not null;
create index runs_by_function on runs (function_id, id);

create table run_events (
  run_id text not null references runs on delete cascade,
  position integer not null,
  internal_id text not null,
  primary key (run_id, position)
) strict, without rowid;
create index run_events_by_event on run_events (internal_id);

-- A finished step. \`value\` is what the SDK is given for it.
create table steps (
  run_id text not null references runs on delete cascade,
  id text not null,
  position integer not null,
  name text not null,
  op text not null,
  value text not null,
  failed integer not null default 0,
  attempt integer not null default 0,
  started_at integer,
  ended_at integer not null,
  primary key (run_id, id)
) strict, without rowid;

-- The steps of a parallel plan that have not finished: discovery waits for the last of them.
create table pending_steps (
  run_id text not null references runs on delete cascade,
  id text not null,
  primary key (run_id, id)
) strict, without rowid;

-- A request that the app must be sent. \`step_id\` is null for discovery.
create table jobs (
  id text primary key,
  run_id text not null references runs on delete cascade,
  function_id text not null,
  app text not null,
  step_id text,
  step_name text,
  race integer not null default 0,
  due_at integer not null,
  started integer not null default 0,
  rank integer not null,
  attempt integer not null default 0,
  generation integer not null default 0,
  leased_at integer,
  key_a text,
  key_b text,
  throttle_key text,
  created_at integer not null
) strict;
create unique index jobs_once_per_step on jobs (run_id, step_id) where step_id is not null;
create index jobs_by_run on jobs (run_id);
create index jobs_waiting on jobs (due_at) where leased_at is null;
create index jobs_leased on jobs (leased_at) where leased_at is not null;

-- Attempts that failed; an attempt that succeeded is the step itself.
create table failures (
  run_id text not null references runs on delete cascade,
  step_id text,
  step_name text,
  attempt integer not null,
  error text not null,
  started_at integer,
  ended_at integer not null
) strict;
create index failures_by_run on failures (run_id);

-- What the engine itself does at a time: wakes a sleep, times out a wait, ends a debounce or a batch.
create table timers (
  id text primary key,
  kind text not null,
  run_id text,
  due_at integer not null,
  payload text not null
) strict;
create index timers_by_time on timers (due_at);
create index timers_by_run on timers (run_id) where run_id is not null;

-- A step that waits for an event, or for the end of the run that it invoked.
create table waits (
  run_id text not null references runs on delete cascade,
  step_id text not null,
  step_name text not null,
  kind text not null check (kind in ('event', 'invoke')),
  event_name text,
  expression text,
  race integer not null default 0,
  created_at integer not null,
  primary key (run_id, step_id)
) strict, without rowid;
create index waits_by_event on waits (event_name) where kind = 'event';

-- Keys that may not start a second run before their time.
create table dedupe (key text primary key, run_id text, until_at integer not null) strict, without rowid;
create index dedupe_by_time on dedupe (until_at);

-- The theoretical arrival time of every rate limit and throttle.
create table arrivals (key text primary key, at real not null) strict, without rowid;

create table gathered_events (
  key text not null,
  position integer not null,
  internal_id text not null,
  primary key (key, position)
) strict, without rowid;

create table crons (
  function_id text not null,
  expression text not null,
  next_at integer not null,
  primary key (function_id, expression)
) strict, without rowid;
create index crons_by_time on crons (next_at)
`;
