import { serve } from "inngest/next";
import { inngest } from "#inngest/client.ts";
import { createFunctions } from "#inngest/functions/index.ts";
import { createDeps } from "#lib/deps.ts";

export const maxDuration = 300;

type Handlers = ReturnType<typeof serve>;

let handlers: Handlers | undefined;

/** Made at the first request, so that a build needs no environment. */
function handle(method: keyof Handlers): Handlers["GET"] {
  return (request, context) => {
    handlers ??= serve({ client: inngest, functions: createFunctions(createDeps()) });
    return handlers[method](request, context);
  };
}

export const GET = handle("GET");
export const POST = handle("POST");
export const PUT = handle("PUT");
