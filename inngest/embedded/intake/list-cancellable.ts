import type { Engine } from "../engine.ts";
import { findMustEqual } from "../expressions/find-must-equal.ts";
import type { EventBody, Fn } from "../protocol/types.ts";

interface Active {
  id: string;
  queued_at: number;
  body: string;
}

interface Asked {
  fn: Fn;
  expression: string | undefined;
  event: EventBody;
}

const indexPrefix = "events_by_part_";

/**
 * The active runs of a function that an event may cancel, with the events that started them. Where the expression asks that a string of
 * the one be that of the other, they are looked up, for thousands may wait; else they are all.
 */
export function listCancellable({ store }: Engine, { fn, expression, event }: Asked): Active[] {
  const equal = findMustEqual(expression);
  const value = equal?.ofIncoming.reduce<unknown>((inner, name) => Object(inner)[name], event);
  if (equal && typeof value === "string" && value.isWellFormed()) {
    return store.all<Active>(
      `select runs.id, queued_at, body from events cross join run_events r using (internal_id)
       cross join runs on runs.id = r.run_id
       where ${partOfBody(equal.ofTrigger)} = ? and r.position = 0 and function_id = ? and ended_at is null`,
      value,
      fn.id,
    );
  }
  return store.all<Active>(
    `select runs.id, queued_at, body from runs join run_events r on r.run_id = runs.id and r.position = 0
     join events using (internal_id) where function_id = ? and ended_at is null`,
    fn.id,
  );
}

/** Makes the indexes by which `listCancellable` looks up, and removes those that no function asks for any more. */
export function indexCancels({ store, functions }: Engine): void {
  const wanted = new Map<string, string>();
  for (const { config } of functions.values()) {
    for (const cancel of config.cancel ?? []) {
      const equal = findMustEqual(cancel.if);
      if (equal) wanted.set(indexPrefix + equal.ofTrigger.join("."), partOfBody(equal.ofTrigger));
    }
  }
  const known = store.all<{ name: string }>(
    "select name from sqlite_schema where type = 'index' and substr(name, 1, length(?)) = ?",
    indexPrefix,
    indexPrefix,
  );
  for (const { name } of known) if (!wanted.has(name)) store.run(`drop index "${name}"`);
  for (const [name, part] of wanted) store.run(`create index if not exists "${name}" on events (${part})`);
}

function partOfBody(names: string[]): string {
  return `json_extract(body, '$.${names.join(".")}')`;
}
