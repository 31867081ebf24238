import type { Supabase } from "#lib/supabase/clients.ts";
import { openControls } from "#tests/embedded/embeddings.ts";
import { bootOwnStack, type OwnStack, removeDataDir } from "./boot-own-stack.ts";
import { openDatabase } from "./database.ts";

export interface ControlledStack extends OwnStack {
  database: Supabase;
  /** The embeddings server: what it is to do, and what it was asked. */
  provider: ReturnType<typeof openControls>;
}

/** A whole stack of its own, whose embeddings server does what a test says. Its data go when it is stopped. */
export async function bootControlledStack(env: Record<string, string> = {}): Promise<ControlledStack> {
  const stack = await bootOwnStack({ env: { EMBEDDINGS_CONTROL: "1", ...env } });
  return {
    ...stack,
    database: openDatabase(stack.json),
    provider: openControls(stack.json.embeddingsUrl),
    stop: async () => {
      const code = await stack.stop();
      await removeDataDir(stack.dataDir);
      return code;
    },
  };
}
