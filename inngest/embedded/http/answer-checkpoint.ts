import type { Engine } from "../engine.ts";
import { findOverflow, readTiming } from "../execute/apply-ops.ts";
import { checkOps } from "../execute/read-ops.ts";
import type { Op } from "../protocol/types.ts";
import type { Job } from "../store/jobs.ts";
import { getActiveRun } from "../store/runs.ts";
import { saveStep } from "../store/steps.ts";
import { json, type Reply, type Request, readObject, refuse } from "./reply.ts";

/** `POST /v1/checkpoint/:run/async`: keeps steps of a request that goes on. */
export function answerCheckpoint(engine: Engine, { params, body }: Request): Reply {
  const value = readObject(body);
  if (typeof value === "string") return refuse(400, value);
  const { qi_id: jobId, generation_id: generation, steps, request_started_at: requestStartedAt } = value;
  if (typeof jobId !== "string") return refuse(400, "qi_id must be a string");
  if (generation !== undefined && !Number.isInteger(generation))
    return refuse(400, "generation_id must be a whole number");
  const ops = Array.isArray(steps) ? checkOps(steps) : null;
  if (ops === null) return refuse(400, "steps must be a list of ops");
  const strange = ops.find(({ op }) => !["StepRun", "Step", "StepPlanned"].includes(op));
  if (strange) return refuse(400, `cannot checkpoint opcode: ${strange.op}`);
  const startedAt = typeof requestStartedAt === "number" ? requestStartedAt : Date.now();
  return engine.transact(() => keepSteps(engine, { runId: params[0] ?? "", jobId, generation, ops, startedAt }));
}

interface Checkpoint {
  runId: string;
  jobId: string;
  generation: unknown;
  ops: Op[];
  startedAt: number;
}

function keepSteps(engine: Engine, { runId, jobId, generation, ops, startedAt }: Checkpoint): Reply {
  const { store } = engine;
  if (!getActiveRun(store, runId)) return refuse(404, "run not found");
  const job = store.get<Job>("select * from jobs where id = ? and run_id = ? and leased_at is not null", jobId, runId);
  if (!job || (generation !== undefined && job.generation !== generation)) {
    return refuse(409, "stale dispatch: the job was sent again since");
  }
  const results = ops
    .filter(({ op }) => op !== "StepPlanned")
    .map((op) => ({ ...readTiming(op, startedAt), value: JSON.stringify({ data: op.data ?? null }) }));
  const overflow = results.map(({ value }) => findOverflow(engine, runId, value)).find((found) => found !== null);
  if (overflow) return refuse(413, overflow.message);
  for (const result of results) saveStep(store, runId, { ...result, op: "StepRun", attempt: job.attempt });
  // What fails from here on has failed for the first time.
  if (results.length > 0) store.run("update jobs set attempt = 0 where id = ?", jobId);
  return json(200, { ok: true });
}
