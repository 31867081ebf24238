import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** What was verified is not verified again for so long, in milliseconds: the keys are not asked for more often either. */
const trustMs = 60_000;
const mostTokens = 1000;
const verified = new Map<string, { userId: string; until: number }>();

/**
 * The user whom a token names, else the session. Where the project signs by a key pair, Auth is not asked, so a token counts until it
 * is over, as it does for the database. Throws `unauthenticated`.
 */
export async function readUserId({ auth }: Supabase, token?: string): Promise<string> {
  const known = token === undefined ? undefined : verified.get(token);
  if (known && known.until > Date.now()) return known.userId;
  const { data, error } = await auth.getClaims(token).catch((cause) => {
    // A token of which not even the parts can be read is thrown out, not answered.
    throw new Failure("unauthenticated", { cause });
  });
  if (error && (error.status === undefined || error.status === 0 || error.status >= 500)) {
    throw new Failure("database_unavailable", { cause: error });
  }
  if (!data?.claims.sub) throw new Failure("unauthenticated", { cause: error });
  const { sub: userId, exp } = data.claims;
  // Of a token that is signed otherwise Auth is asked each time, and may say that it is over.
  if (token !== undefined && !data.header.alg.startsWith("HS")) {
    if (verified.size >= mostTokens) verified.clear();
    verified.set(token, { userId, until: Math.min(exp * 1000, Date.now() + trustMs) });
  }
  return userId;
}
