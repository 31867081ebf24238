import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/**
 * The user whom a token names, else the session. Where the project signs by a key pair, Auth is not asked, so a token counts until it
 * is over, as it does for the database. Throws `unauthenticated`.
 */
export async function readUserId({ auth }: Supabase, token?: string): Promise<string> {
  const { data, error } = await auth.getClaims(token).catch((cause) => {
    // A token of which not even the parts can be read is thrown out, not answered.
    throw new Failure("unauthenticated", { cause });
  });
  if (error && (error.status === undefined || error.status === 0 || error.status >= 500)) {
    throw new Failure("database_unavailable", { cause: error });
  }
  if (!data?.claims.sub) throw new Failure("unauthenticated", { cause: error });
  return data.claims.sub;
}
