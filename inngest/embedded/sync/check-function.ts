import { parseCron } from "../cron/fire-crons.ts";
import { checkExpression } from "../expressions/evaluate.ts";
import { parseDuration } from "../protocol/durations.ts";
import { limits } from "../protocol/limits.ts";
import type { FunctionConfig } from "../protocol/types.ts";

const knownKeys = new Set([
  "id",
  "name",
  "description",
  "triggers",
  "steps",
  "concurrency",
  "throttle",
  "rateLimit",
  "debounce",
  "batchEvents",
  "priority",
  "idempotency",
  "singleton",
  "timeouts",
  "cancel",
]);

/** What of a registered function this engine cannot do, one sentence each; it never does a function by halves. */
export function checkFunction(config: FunctionConfig): string[] {
  const problems: string[] = [];
  const refuse = (what: string) => problems.push(`Function "${config.id}": ${what}.`);
  for (const key of Object.keys(config)) if (!knownKeys.has(key)) refuse(`the option "${key}" is not supported`);
  const steps = Object.values(config.steps ?? {});
  if (steps.length !== 1) refuse("it must have one step");
  for (const { runtime, retries } of steps) {
    if (runtime?.type !== "http" || !URL.canParse(runtime.url)) refuse("connect is not supported; serve it over HTTP");
    const attempts = retries?.attempts ?? 0;
    if (!Number.isInteger(attempts) || attempts < 0 || attempts > limits.retries) {
      refuse(`retries must be 0 to ${limits.retries}`);
    }
  }
  checkTriggers(config, refuse);
  checkFlow(config, refuse);
  for (const [what, text] of listExpressions(config)) {
    try {
      if (text !== undefined) checkExpression(text);
    } catch (error) {
      refuse(`the expression of ${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const [what, text] of listDurations(config)) {
    if (text !== undefined && parseDuration(text) === null) refuse(`${what} ${JSON.stringify(text)} is no duration`);
  }
  return problems;
}

function checkTriggers({ triggers, cancel }: FunctionConfig, refuse: (what: string) => void): void {
  if (!Array.isArray(triggers)) return void refuse("triggers must be a list");
  if (triggers.length > limits.triggers) refuse(`it has more than ${limits.triggers} triggers`);
  if ((cancel ?? []).length > limits.cancels) refuse(`cancelOn has more than ${limits.cancels} events`);
  for (const trigger of triggers) {
    if (trigger.event === "inngest/deferred.schedule") refuse("deferred functions are not supported");
    if ("jitter" in trigger) refuse("the jitter of a cron is not supported");
    if (trigger.cron === undefined) continue;
    try {
      parseCron(trigger.cron);
    } catch {
      refuse(`the cron expression ${JSON.stringify(trigger.cron)} cannot be read`);
    }
  }
}

function checkFlow(config: FunctionConfig, refuse: (what: string) => void): void {
  const { concurrency, throttle, rateLimit, batchEvents, singleton, debounce } = config;
  const all = concurrency === undefined ? [] : Array.isArray(concurrency) ? concurrency : [concurrency];
  if (all.length > limits.concurrencies) refuse(`it has more than ${limits.concurrencies} concurrency limits`);
  for (const limit of all) {
    const { limit: count, scope = "fn", key } = typeof limit === "number" ? { limit } : limit;
    if (!Number.isInteger(count) || count < 0) refuse("a concurrency limit must be a whole number");
    if (!["fn", "env", "account"].includes(scope)) refuse(`the concurrency scope ${JSON.stringify(scope)} is unknown`);
    if (scope !== "fn" && key === undefined) refuse(`a concurrency limit of scope ${scope} needs a key`);
  }
  for (const [name, rate] of [
    ["throttle", throttle],
    ["rateLimit", rateLimit],
  ] as const) {
    if (rate && !(Number.isInteger(rate.limit) && rate.limit > 0)) refuse(`${name} needs a limit of at least 1`);
  }
  if (batchEvents && !(Number.isInteger(batchEvents.maxSize) && batchEvents.maxSize > 0)) {
    refuse("batchEvents needs a maxSize of at least 1");
  }
  if (batchEvents && (debounce || rateLimit || config.cancel?.length)) {
    refuse("batchEvents cannot be combined with debounce, rateLimit or cancelOn");
  }
  if (singleton && singleton.mode !== "skip" && singleton.mode !== "cancel") {
    refuse(`the singleton mode ${JSON.stringify(singleton.mode)} is unknown`);
  }
}

function listExpressions(config: FunctionConfig): [string, string | undefined][] {
  const { concurrency, triggers, cancel } = config;
  const all = concurrency === undefined ? [] : Array.isArray(concurrency) ? concurrency : [concurrency];
  return [
    ...all.map((limit): [string, string | undefined] => [
      "concurrency",
      typeof limit === "number" ? undefined : limit.key,
    ]),
    ...(triggers ?? []).map((trigger): [string, string | undefined] => ["a trigger", trigger.expression]),
    ...(cancel ?? []).map((each): [string, string | undefined] => ["cancelOn", each.if]),
    ["throttle", config.throttle?.key],
    ["rateLimit", config.rateLimit?.key],
    ["debounce", config.debounce?.key],
    ["batchEvents", config.batchEvents?.key],
    ["batchEvents", config.batchEvents?.if],
    ["priority", config.priority?.run],
    ["idempotency", config.idempotency],
    ["singleton", config.singleton?.key],
  ];
}

function listDurations(config: FunctionConfig): [string, string | undefined][] {
  return [
    ["the throttle period", config.throttle?.period],
    ["the rateLimit period", config.rateLimit?.period],
    ["the debounce period", config.debounce?.period],
    ["the debounce timeout", config.debounce?.timeout],
    ["the batch timeout", config.batchEvents?.timeout],
    ["the start timeout", config.timeouts?.start],
    ["the finish timeout", config.timeouts?.finish],
  ];
}
