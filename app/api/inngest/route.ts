import { serve } from "inngest/next";
import { problem } from "#app/api/answer.ts";
import { boundBody } from "#app/api/bound-body.ts";
import { inngest } from "#inngest/client.ts";
import { createFunctions } from "#inngest/functions/index.ts";
import { createDeps } from "#lib/deps.ts";
import { Failure } from "#lib/errors.ts";

export const maxDuration = 300;

/** Twice what an engine keeps of a run, which is the most that it sends. Who asks is only known when all is read. */
const maxBodyBytes = 64 * 1024 * 1024;

type Handlers = ReturnType<typeof serve>;

let handlers: Handlers | undefined;

/** Made at the first request, so that a build needs no environment. */
function handle(method: keyof Handlers): Handlers["GET"] {
  return async (request, context) => {
    handlers ??= serve({ client: inngest, functions: createFunctions(createDeps()) });
    try {
      // The SDK asks for nothing that is Next's own.
      const bounded = boundBody(request, maxBodyBytes, refuse) as typeof request;
      return await handlers[method](bounded, context);
    } catch (thrown) {
      return problem(request, thrown);
    }
  };
}

function refuse(): Failure {
  return new Failure("request_invalid", {
    detail: "The body is larger than 64 MiB, which is the limit for an engine.",
  });
}

export const GET = handle("GET");
export const POST = handle("POST");
export const PUT = handle("PUT");
