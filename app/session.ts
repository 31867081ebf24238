import { cookies } from "next/headers";
import { readEnv } from "#lib/env.ts";
import { createSessionClient, type Supabase } from "#lib/supabase/clients.ts";

/** Acts as whom this request's session cookie names. In a server action it may also change the session. */
export async function openSession(): Promise<Supabase> {
  const store = await cookies();
  return createSessionClient(readEnv(), {
    getAll: () => store.getAll(),
    setAll: (changed) => {
      // A screen may not write cookies; proxy.ts has renewed them before it.
      try {
        for (const { name, value, options } of changed) store.set(name, value, options);
      } catch {
        return;
      }
    },
  });
}
