/** One request of the server to the app with the app's answer, or one report of the app while a request goes on. */
export interface Exchange {
  kind: "call" | "checkpoint";
  fnId: string;
  runId: string;
  /** The user's name of the step that was asked for; "step" for discovery. */
  target: string;
  attempt: number;
  request: CallBody;
  status: number;
  headers: Record<string, string>;
  /** The ops of a 206 answer or a checkpoint. */
  ops: RecordedOp[];
  body: unknown;
  startedAt: number;
  endedAt: number;
}

export interface RecordedOp {
  op: string;
  id: string;
  name?: string;
  displayName?: string;
  opts?: Record<string, unknown>;
  data?: unknown;
  error?: { name?: string; message?: string; cause?: unknown };
}

export interface CallBody {
  event: { id: string; name: string; ts: number; data: Record<string, unknown>; user?: unknown };
  events: CallBody["event"][];
  steps: Record<string, unknown>;
  ctx: {
    run_id: string;
    fn_id?: string;
    qi_id: string;
    generation_id?: number;
    attempt: number;
    max_attempts: number;
    disable_immediate_execution: boolean;
    use_api: boolean;
    stack: { stack: string[]; current: number };
  };
  version: number;
}

/** Keeps all that is exchanged between a server and an app, and tells it in short sentences. */
export class Recorder {
  readonly exchanges: Exchange[] = [];
  readonly #names = new Map<string, string>();

  add(exchange: Omit<Exchange, "target"> & { stepId: string }): void {
    for (const op of exchange.ops) this.#names.set(op.id, op.op === "RunComplete" ? "" : (op.displayName ?? op.id));
    const target = this.nameOf(exchange.stepId);
    this.exchanges.push({ ...exchange, target });
  }

  nameOf(stepId: string): string {
    return this.#names.get(stepId) ?? stepId;
  }

  of(runId: string): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.runId === runId);
  }

  /**
   * The exchange of a run, one line each: `a#1 (b c) -> 206 StepRun a` says that step `a` was asked for at its second
   * attempt, with `b` and `c` finished, and was run. A report during a request stands as `checkpoint a`.
   */
  tell(runId: string): string[] {
    return this.of(runId).map((exchange) => {
      const ops = exchange.ops.map(({ op, id }) => `${op} ${this.nameOf(id)}`.trim()).join(", ");
      if (exchange.kind === "checkpoint")
        return `checkpoint ${exchange.ops.map(({ id }) => this.nameOf(id)).join(", ")}`;
      const known = Object.keys(exchange.request.steps).map((id) => this.nameOf(id));
      const given = known.length > 0 ? ` (${known.sort().join(" ")})` : "";
      return `${exchange.target}#${exchange.attempt}${given} -> ${exchange.status}${ops ? ` ${ops}` : ""}`;
    });
  }

  /** What the run gave in the end: its result, or the error that ended it. */
  outcome(runId: string): { data: unknown } | { error: { name?: string; message?: string } } | null {
    for (const { kind, ops, status, body } of this.of(runId).toReversed()) {
      const complete = ops.find(({ op }) => op === "RunComplete");
      if (complete) return { data: complete.data };
      if (kind === "call" && status === 200) return { data: body };
      if (kind === "call" && status === 400) return { error: body as { name?: string; message?: string } };
    }
    return null;
  }
}
