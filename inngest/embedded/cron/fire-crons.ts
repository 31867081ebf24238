import { Cron } from "croner";
import type { Engine } from "../engine.ts";
import { newUlid } from "../protocol/ids.ts";
import type { EventBody, Fn } from "../protocol/types.ts";
import { scheduleRun } from "../schedule/schedule-run.ts";
import { saveEvent } from "../store/events.ts";

interface CronRow {
  function_id: string;
  expression: string;
  next_at: number;
}

/** Throws when the text is no cron expression; a time zone may stand before it (`TZ=Europe/Oslo 0 9 * * *`). */
export function parseCron(text: string): Cron {
  const [, timezone, expression] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.+)$/.exec(text.trim()) ?? [];
  return new Cron(expression ?? "", { timezone: timezone ?? "UTC", mode: "5-part" });
}

/** Starts every function whose time has come. What fell due while no engine ran is made up for once. */
export function fireCrons(engine: Engine): void {
  const now = Date.now();
  const due = engine.store.all<CronRow>("select * from crons where next_at <= ?", now);
  if (due.length === 0) return;
  engine.transact(() => {
    for (const row of due) fireCron(engine, row, now);
  });
}

/** The times of a function's cron triggers; a trigger that stays keeps its time. */
export function setCrons({ store }: Engine, fn: Fn): void {
  const now = Date.now();
  const wanted = fn.config.triggers.flatMap(({ cron }) => (cron === undefined ? [] : [cron]));
  store.run(
    "delete from crons where function_id = ? and expression not in (select value from json_each(?))",
    fn.id,
    JSON.stringify(wanted),
  );
  for (const expression of wanted) {
    const next = parseCron(expression).nextRun(new Date(now));
    if (!next) continue;
    store.run(
      "insert or ignore into crons (function_id, expression, next_at) values (?, ?, ?)",
      fn.id,
      expression,
      next.getTime(),
    );
  }
}

export function nextCronAt({ store }: Engine): number | null {
  return store.get<{ at: number | null }>("select min(next_at) as at from crons")?.at ?? null;
}

function fireCron(engine: Engine, row: CronRow, now: number): void {
  const { store } = engine;
  const next = parseCron(row.expression).nextRun(new Date(now));
  const sql = "update crons set next_at = ? where function_id = ? and expression = ?";
  store.run(sql, next?.getTime() ?? Number.MAX_SAFE_INTEGER, row.function_id, row.expression);
  const fn = engine.functions.get(row.function_id);
  if (!fn) return;
  const fireAt = new Date(row.next_at).toISOString().replace(/\.\d+Z$/, "Z");
  const event: EventBody = {
    id: fireAt,
    name: "inngest/scheduled.timer",
    data: { cron: row.expression, fireAt, scheduledAt: new Date(now).toISOString() },
    user: {},
    ts: now,
  };
  const internalId = newUlid(now);
  saveEvent(store, internalId, event, now);
  scheduleRun(engine, fn, [{ internalId, event }]);
}
