import { resolve } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { startEmbeddedSupabase } from "#tests/embedded/supabase.ts";

export const contractMigrations = resolve(import.meta.dirname, "../fixtures/supabase-contract");

/** The Supabase under test: ours always, or a real one (with the contract's migration applied) when the environment names it. */
export interface SupabaseSubject {
  url: string;
  publishableKey: string;
  secretKey: string;
  service: SupabaseClient;
  anonymous: SupabaseClient;
  /** A new user, signed in. */
  signUp: () => Promise<{ id: string; email: string; password: string; token: string; client: SupabaseClient }>;
  stop: () => Promise<void>;
}

const stateless = { auth: { persistSession: false, autoRefreshToken: false } };

export async function startSupabaseSubject(): Promise<SupabaseSubject> {
  const { SUPABASE_CONTRACT_URL, SUPABASE_CONTRACT_PUBLISHABLE_KEY, SUPABASE_CONTRACT_SECRET_KEY } = process.env;
  const server = SUPABASE_CONTRACT_URL
    ? {
        url: SUPABASE_CONTRACT_URL,
        publishableKey: SUPABASE_CONTRACT_PUBLISHABLE_KEY ?? "",
        secretKey: SUPABASE_CONTRACT_SECRET_KEY ?? "",
        stop: async () => undefined,
      }
    : await startEmbeddedSupabase({ migrationsDir: contractMigrations });
  const { url, publishableKey, secretKey, stop } = server;
  return {
    url,
    publishableKey,
    secretKey,
    service: createClient(url, secretKey, stateless),
    anonymous: createClient(url, publishableKey, stateless),
    signUp: async () => {
      const client = createClient(url, publishableKey, stateless);
      const [email, password] = [`${crypto.randomUUID()}@example.com`, crypto.randomUUID()];
      const { data, error } = await client.auth.signUp({ email, password });
      if (error) throw error;
      if (!data.user || !data.session) throw new Error("Confirmation by e-mail is on.");
      return { id: data.user.id, email, password, token: data.session.access_token, client };
    },
    stop,
  };
}
