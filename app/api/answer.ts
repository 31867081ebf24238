import { z } from "zod";
import { asFailure, Failure, viewFailure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";

type Handler<Context> = (request: Request, context: Context) => Promise<Response>;

/** Wraps a route handler: whatever it throws becomes problem+json with a stable code; only unexpected ones are logged with a stack. */
export function answer<Context>(handler: Handler<Context>): Handler<Context> {
  return async (request, context) => {
    try {
      return await handler(request, context);
    } catch (thrown) {
      return problem(request, thrown);
    }
  };
}

/** Parses input from outside. Throws `request_invalid` with every field that is wrong. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`);
  throw new Failure("request_invalid", { detail: fields.join("; "), cause: parsed.error });
}

/** The JSON body of a request. Throws `request_invalid` when it is not JSON. */
export async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    throw new Failure("request_invalid", { detail: "The body is not valid JSON.", cause });
  }
}

function problem(request: Request, thrown: unknown): Response {
  const failure = thrown instanceof z.ZodError ? new Failure("internal", { cause: thrown }) : asFailure(thrown);
  const correlationId = crypto.randomUUID();
  const { pathname } = new URL(request.url);
  if (failure.status >= 500) {
    log.error("request failed", {
      correlationId,
      method: request.method,
      pathname,
      code: failure.code,
      cause: failure,
    });
  }
  const { code, message, action } = viewFailure(failure);
  const title = code.replaceAll("_", " ");
  const body = { type: `urn:knowledgebase:${code}`, title, status: failure.status, detail: message, code, action };
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (failure.retryAfterMs) headers["retry-after"] = String(Math.ceil(failure.retryAfterMs / 1000));
  return new Response(JSON.stringify({ ...body, correlationId }), { status: failure.status, headers });
}
