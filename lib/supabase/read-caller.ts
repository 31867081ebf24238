import { parseCookieHeader, serializeCookieHeader } from "@supabase/ssr";
import { createSessionClient, createUserClient, type Supabase } from "#lib/supabase/clients.ts";
import { readUserId } from "#lib/supabase/read-user-id.ts";

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
  const userId = await readUserId(supabase, hasToken ? token : undefined);
  return { userId, supabase, setCookies };
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
