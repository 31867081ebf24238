import { parseCookieHeader } from "@supabase/ssr";
import { Failure } from "#lib/errors.ts";
import { createSessionClient, createUserClient, type Supabase } from "#lib/supabase/clients.ts";

/** Whoever sent a request: `supabase` acts as them under row level security. */
export interface Caller {
  userId: string;
  supabase: Supabase;
}

interface Address {
  SUPABASE_URL: string;
  SUPABASE_PUBLISHABLE_KEY: string;
}

/** Reads `Authorization: Bearer <access token>`, else the session cookie. Throws `unauthenticated`. */
export async function readCaller(env: Address, request: Request): Promise<Caller> {
  const [scheme, token] = (request.headers.get("authorization") ?? "").split(" ", 2);
  const supabase =
    scheme?.toLowerCase() === "bearer" && token ? createUserClient(env, token) : sessionFromCookies(env, request);
  const { data, error } = await supabase.auth.getUser(scheme && token ? token : undefined);
  if (error && (error.status === undefined || error.status === 0 || error.status >= 500)) {
    throw new Failure("database_unavailable", { cause: error });
  }
  if (!data.user) throw new Failure("unauthenticated", { cause: error });
  return { userId: data.user.id, supabase };
}

function sessionFromCookies(env: Address, request: Request): Supabase {
  const cookies = parseCookieHeader(request.headers.get("cookie") ?? "").map(({ name, value }) => ({
    name,
    value: value ?? "",
  }));
  // A refreshed session is written by proxy.ts, which runs before every screen; an API call only reads it.
  return createSessionClient(env, { getAll: () => cookies, setAll: () => undefined });
}
