import type { Engine } from "../engine.ts";
import type { Fn } from "../protocol/types.ts";

/** Whether a trigger, which may end in a wildcard (`shop/*`, `order.*`), names the event. */
export function matchesName(trigger: string | undefined, name: string): boolean {
  if (trigger === undefined) return false;
  if (trigger === name || trigger === "*") return true;
  return /[/.]\*$/.test(trigger) && name.startsWith(trigger.slice(0, -1));
}

/** Whether an event of this name would concern anyone. */
export function isAwaited({ store, functions }: Engine, name: string): boolean {
  const listens = ({ config }: Fn) =>
    config.triggers.some((trigger) => matchesName(trigger.event, name)) ||
    (config.cancel ?? []).some((cancel) => cancel.event === name);
  return (
    [...functions.values()].some(listens) ||
    store.get("select 1 from waits where kind = 'event' and event_name = ? limit 1", name) !== undefined
  );
}
