/** An event as it is stored and delivered. */
export interface EventBody {
  id: string;
  name: string;
  data: Record<string, unknown>;
  user: Record<string, unknown>;
  ts: number;
  v?: string;
}

export interface Trigger {
  event?: string;
  expression?: string;
  cron?: string;
}

export interface Limit {
  limit: number;
  key?: string;
  scope?: "fn" | "env" | "account";
}

export interface Paced {
  limit: number;
  period: string;
  key?: string;
  burst?: number;
}

/** A function as the SDK registers it. */
export interface FunctionConfig {
  id: string;
  name: string;
  triggers: Trigger[];
  steps: Record<string, { runtime: { type: string; url: string }; retries?: { attempts?: number } }>;
  concurrency?: number | Limit | Limit[];
  throttle?: Paced;
  rateLimit?: Paced;
  debounce?: { period: string; key?: string; timeout?: string };
  batchEvents?: { maxSize: number; timeout: string; key?: string; if?: string };
  priority?: { run?: string };
  idempotency?: string;
  singleton?: { key?: string; mode: "skip" | "cancel" };
  timeouts?: { start?: string; finish?: string };
  cancel?: { event: string; if?: string; timeout?: string }[];
}

/** A registered function, read once. */
export interface Fn {
  id: string;
  app: string;
  /** Where it is called; without the query `stepId`. */
  url: string;
  uuid: string;
  maxAttempts: number;
  limits: Limit[];
  config: FunctionConfig;
}

export type ErrorBody = { name: string; message: string; stack?: string } & Record<string, unknown>;

/** One entry of a 206 answer or of a checkpoint. */
export interface Op {
  op: string;
  id: string;
  name?: string;
  displayName?: string;
  opts?: Record<string, unknown>;
  userland?: { id?: string; index?: number };
  data?: unknown;
  error?: unknown;
  timing?: { a?: number; b?: number };
}

/** What the code calls "its" name of a step. */
export function nameOfOp(op: Op): string {
  return op.displayName ?? op.userland?.id ?? op.name ?? op.id;
}
