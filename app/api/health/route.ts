import { timingSafeEqual } from "node:crypto";
import { problem } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { createDeps, type Deps } from "#lib/deps.ts";
import { examine } from "#lib/doctor/examine.ts";
import { Failure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";

export const dynamic = "force-dynamic";

type Health = "ok" | "unavailable";

/**
 * 200 when the app and its database answer, else 503 with the part that does not. With `?deep=1` and the operator's token: what the
 * doctor finds, 503 when something is not as it should be.
 */
export async function GET(request: Request): Promise<Response> {
  if (new URL(request.url).searchParams.get("deep") !== "1") return await checkParts();
  try {
    const deps = createDeps();
    checkOperator(deps, request);
    const examination = await examine(deps);
    return answerJson(examination, { status: examination.isHealthy ? 200 : 503 });
  } catch (thrown) {
    return problem(request, thrown);
  }
}

async function checkParts(): Promise<Response> {
  const database = await checkDatabase();
  const status = database === "ok" ? 200 : 503;
  return answerJson({ status: database, parts: { app: "ok", database } }, { status });
}

function checkOperator({ env }: Deps, request: Request): void {
  const detail = "This is for operators: send OPERATOR_TOKEN as the bearer token.";
  const given = Buffer.from(request.headers.get("authorization") ?? "");
  const wanted = Buffer.from(`Bearer ${env.OPERATOR_TOKEN ?? ""}`);
  const isSame = given.length === wanted.length && timingSafeEqual(given, wanted);
  if (!env.OPERATOR_TOKEN || !isSame) throw new Failure("unauthenticated", { detail });
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
