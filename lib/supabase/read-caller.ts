import { parseCookieHeader, serializeCookieHeader } from "@supabase/ssr";
import { Failure } from "#lib/errors.ts";
import { createSessionClient, createUserClient, type Supabase } from "#lib/supabase/clients.ts";

/** Whoever sent a request: `supabase` acts as them under row level security. */
export interface Caller {
  userId: string;
  supabase: Supabase;
  /** Values of `Set-Cookie` that the answer must carry: reading an expired session has renewed it. */
  setCookies: string[];
}

interface Address {
  SUPABASE_URL: string;
  SUPABASE_PUBLISHABLE_KEY: string;
}

/** Reads `Authorization: Bearer <access token>`, else the session cookie. Throws `unauthenticated`. */
export async function readCaller(env: Address, request: Request): Promise<Caller> {
  const [scheme, token] = (request.headers.get("authorization") ?? "").split(" ", 2);
  const setCookies: string[] = [];
  const hasToken = scheme?.toLowerCase() === "bearer" && Boolean(token);
  const supabase = hasToken ? createUserClient(env, token ?? "") : sessionFromCookies(env, request, setCookies);
  const { data, error } = await supabase.auth.getUser(hasToken ? token : undefined);
  if (error && (error.status === undefined || error.status === 0 || error.status >= 500)) {
    throw new Failure("database_unavailable", { cause: error });
  }
  if (!data.user) throw new Failure("unauthenticated", { cause: error });
  return { userId: data.user.id, supabase, setCookies };
}

function sessionFromCookies(env: Address, request: Request, setCookies: string[]): Supabase {
  const cookies = parseCookieHeader(request.headers.get("cookie") ?? "").map(({ name, value }) => ({
    name,
    value: value ?? "",
  }));
  return createSessionClient(env, {
    getAll: () => cookies,
    setAll: (renewed) => {
      for (const { name, value, options } of renewed) setCookies.push(serializeCookieHeader(name, value, options));
    },
  });
}
