import { type CookieMethodsServer, createServerClient } from "@supabase/ssr";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "#lib/supabase/database.types.ts";

export type Supabase = SupabaseClient<Database>;

interface Address {
  SUPABASE_URL: string;
  SUPABASE_PUBLISHABLE_KEY: string;
}

const sessionless = { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false };

/** The session cookie's name: fixed, because the browser and the server may reach Supabase by different URLs. */
const sessionCookie = "kb-session";

/** Acts as the service: row level security does not apply. Never give it to anything that a user's input steers unchecked. */
export function createServiceClient(env: { SUPABASE_URL: string; SUPABASE_SECRET_KEY: string }): Supabase {
  return createClient<Database>(env.SUPABASE_URL, env.SUPABASE_SECRET_KEY, { auth: sessionless });
}

/** Acts as the owner of the access token, under row level security. */
export function createUserClient(env: Address, accessToken: string): Supabase {
  return createClient<Database>(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, {
    auth: sessionless,
    global: { headers: { Authorization: `Bearer ${accessToken}` } },
  });
}

/** Acts as whom the session cookie names. Signs in and out and refreshes the session through `cookies`. */
export function createSessionClient(env: Address, cookies: CookieMethodsServer): Supabase {
  return createServerClient<Database>(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, {
    cookieOptions: { name: sessionCookie },
    cookies,
  });
}
