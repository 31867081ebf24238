import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import { createDeps, type Deps } from "#lib/deps.ts";
import { readUnsent } from "#lib/documents/outbox.ts";
import { type Caller, readCaller } from "#lib/supabase/read-caller.ts";

/** What a route works with: `caller` acts as the user under row level security, `supabase` as the service. */
export interface RequestDeps extends Deps {
  caller: Caller;
}

/** Throws `unauthenticated`. */
export async function requestDeps(request: Request): Promise<RequestDeps> {
  const deps = createDeps();
  return { ...deps, caller: await readCaller(deps.env, request) };
}

/** Sends what waits in the outbox for a document. A dead engine is no error here: the document shows it, and it is sent later. */
export async function announce({ supabase }: Deps, documentId: string): Promise<void> {
  await sendOutbox({ inngest, supabase }, await readUnsent({ supabase }, { documentId }));
}
