import type { PgliteConnection } from "@supabase/lite/pglite";
import { exitIfBroken } from "./watch-engine.ts";

/** Codes that the library already answers as PostgREST does. Auth also reads some of them, so they must stay as they are. */
const understood = /^(23505|23503|42501|42703|42883|25006|PGRST|PT\d{3})$/;

/**
 * Makes the library answer what PostgREST answers where it does not by itself: any SQLSTATE with its own status, code,
 * details and hint (else: 500 with the code "SUP"); privileges exactly as the migrations granted them (else: everything to
 * everybody at the first request); vectors as JSON arrays too (else: as strings only); who calls is told the database in one statement
 * (else: in eleven, which takes longer than most requests do). To be called when the migrations are through.
 */
export async function correctLite(connection: PgliteConnection): Promise<void> {
  connection.normalizeDbError = (error: unknown) => {
    exitIfBroken(error);
    const { code, message, detail, hint } = (error ?? {}) as Record<string, string | undefined>;
    if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code) || understood.test(code)) return error;
    // The form in which SQL itself dictates an answer: raise sqlstate 'PGRST'.
    return Object.assign(new Error(JSON.stringify({ code, message, details: detail ?? null, hint: hint ?? null })), {
      code: "PGRST",
      detail: JSON.stringify({ status: statusOf(code, message ?? ""), headers: {} }),
      cause: error,
    });
  };
  // Else the library looks through the SQL of each view, at each request, for types that only its SQLite has.
  for (const view of (await connection.introspect({ useCache: true })).views) view.sql = "";
  const { driver } = connection;
  Object.assign(connection, { rlsState: "active", ...tellContextAtOnce(driver) });
  const { rows } = await driver.query<{ oid: number }>(
    "select oid from pg_type where typname in ('vector', 'halfvec')",
  );
  for (const { oid } of rows) {
    driver.serializers[oid] = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  }
}

interface RequestContext {
  auth?: { role?: string; uid?: unknown; jwt?: unknown };
  storage?: { operation?: unknown };
}

interface RpcRequest {
  method: string;
  path: string;
  requestHeaders?: Record<string, string>;
}

/** The library's own two methods. Their statements run in its open transaction, which is that of the one session. */
function tellContextAtOnce(driver: PgliteConnection["driver"]) {
  async function set(settings: Record<string, string>): Promise<void> {
    const list = Object.keys(settings).map((name, index) => `set_config('${name}', $${index + 1}, true)`);
    await driver.query(`select ${list.join(", ")}`, Object.values(settings));
  }
  return {
    applyJwtSessionContext: (_executor: unknown, { auth, storage }: RequestContext) => {
      const role = auth?.role || "anon";
      return set({
        "request.jwt.claim.sub": String(auth?.uid ?? ""),
        "request.jwt.claim.role": role,
        "storage.operation": String(storage?.operation ?? ""),
        ...(typeof auth?.jwt === "object" && auth.jwt ? { "request.jwt.claims": JSON.stringify(auth.jwt) } : {}),
        // The last: whatever comes after it is done by that role.
        role,
      });
    },
    applyRpcRequestGucs: (_executor: unknown, { method, path, requestHeaders }: RpcRequest) =>
      set({
        "response.status": "",
        "response.headers": "",
        "request.method": method,
        "request.path": path,
        "request.headers": JSON.stringify(requestHeaders ?? {}),
      }),
  };
}

/** The status of a SQLSTATE: https://docs.postgrest.org/en/stable/references/errors.html#http-status-codes */
function statusOf(code: string, message: string): number {
  if (code === "P0001") return 400;
  if (code === "42P01") return 404;
  if (code === "42P17" || code === "53400") return 500;
  if (code === "57P01") return 503;
  if (code === "21000") return message.endsWith("requires a WHERE clause") ? 400 : 500;
  if (/^(08|53)/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  if (/^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/.test(code)) return 500;
  return 400;
}
