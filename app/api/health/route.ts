import { createDeps } from "#lib/deps.ts";
import { log } from "#lib/log.ts";

export const dynamic = "force-dynamic";

type Health = "ok" | "unavailable";

/** 200 when the app and its database answer, else 503 with the part that does not. */
export async function GET(): Promise<Response> {
  const database = await checkDatabase();
  const status = database === "ok" ? 200 : 503;
  return Response.json({ status: database, parts: { app: "ok", database } }, { status });
}

async function checkDatabase(): Promise<Health> {
  try {
    const { error } = await createDeps().supabase.from("documents").select("id").limit(1);
    if (!error) return "ok";
    log.warn("the database does not answer", { cause: error.message });
  } catch (cause) {
    log.warn("the database cannot be asked", { cause });
  }
  return "unavailable";
}
