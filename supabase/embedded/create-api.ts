import { App } from "@supabase/lite";
import type { PgliteConnection } from "@supabase/lite/pglite";
import type { Keys } from "./load-keys.ts";
import { createMailbox } from "./mailbox.ts";

export interface Api {
  keys: Keys;
  fetch: (request: Request) => Promise<Response>;
}

/** The REST and Auth services on a database that has its schema. `mailDirectory` is where mails to users end up. */
export async function createApi(connection: PgliteConnection, keys: Keys, mailDirectory: string): Promise<Api> {
  const app = new App({
    connection,
    api: { enabled: true, schemas: ["public", "graphql_public"], max_rows: 1000 },
    auth: {
      enabled: true,
      jwt_secret: keys.jwtSecret,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      site_url: "http://localhost:3000",
      email: { enable_signup: true, enable_confirmations: false },
    },
    storage: { enabled: false },
    studio: { enabled: false },
    options: {
      server: { disableStudio: true },
      drivers: { email: createMailbox(mailDirectory) },
    },
  });
  await app.init();
  return { keys, fetch: async (request) => app.fetch(request) };
}
