import type { z } from "zod";
import { answerJson } from "#app/api/answer-json.ts";
import { boundBody } from "#app/api/bound-body.ts";
import { createDeps, type Deps } from "#lib/deps.ts";
import { asFailure, Failure, viewFailure } from "#lib/errors.ts";
import { logFailure } from "#lib/log-failure.ts";
import { type Caller, readCaller } from "#lib/supabase/read-caller.ts";

/** What a route works with: `caller` acts as the user under row level security, `supabase` as the service. */
export interface RequestDeps extends Deps {
  caller: Caller;
}

type Route<Context> = (request: Request, context: Context) => Promise<Response>;
type Handler<Context> = (deps: RequestDeps, input: Context & { request: Request }) => Promise<Response>;

/**
 * Makes a route of a handler for signed-in callers. Whatever is thrown becomes problem+json with a stable code. `Server-Timing` tells how
 * long it took (`total`, in milliseconds), beside what the handler tells of itself.
 */
export function answer<Context>(handler: Handler<Context>): Route<Context> {
  return async (request, context) => {
    const start = performance.now();
    try {
      const deps = createDeps();
      const caller = await readCaller(deps.env, request);
      const response = await handler({ ...deps, caller }, { ...context, request });
      for (const cookie of caller.setCookies) response.headers.append("set-cookie", cookie);
      response.headers.append("server-timing", `total;dur=${(performance.now() - start).toFixed(1)}`);
      return response;
    } catch (thrown) {
      return problem(request, thrown);
    }
  };
}

/** Parses input from outside. Throws `request_invalid` with every field that is wrong. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => {
    const name = path.join(".") || "body";
    return message.endsWith("received undefined") ? `${name} is missing` : `${name} (${message})`;
  });
  throw new Failure("request_invalid", { detail: `What is wrong: ${fields.join(", ")}.`, cause: parsed.error });
}

/** More than the longest list of ids that a call takes, in bytes. */
const maxJsonBytes = 1024 * 1024;

/** The JSON body of a request. Throws `request_invalid` when it is not JSON, or has more than 1 MiB. */
export async function readJson(request: Request): Promise<unknown> {
  const detail = "The body is larger than 1 MiB, which is the limit for JSON.";
  const body = boundBody(request, maxJsonBytes, () => new Failure("request_invalid", { detail }));
  try {
    return await body.json();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("request_invalid", { detail: "The body is not valid JSON.", cause });
  }
}

/** The problem+json answer to whatever was thrown. The log has the cause of what is our fault under the same correlation id. */
export function problem(request: Request, thrown: unknown): Response {
  const failure = asFailure(thrown);
  const { code, message, action, retryable } = viewFailure(failure);
  const { status, retryAfterMs } = failure;
  const correlationId = crypto.randomUUID();
  const { pathname } = new URL(request.url);
  logFailure(status < 500 ? "request refused" : "request failed", failure, {
    correlationId,
    method: request.method,
    pathname,
  });
  const kind = { type: `urn:knowledgebase:${code}`, title: code.replaceAll("_", " "), status };
  const body = { ...kind, detail: message, code, action, retryable, correlationId };
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (retryAfterMs) headers["retry-after"] = String(Math.ceil(retryAfterMs / 1000));
  return answerJson(body, { status, headers });
}
