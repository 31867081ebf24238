import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Supabase } from "#lib/supabase/clients.ts";
import { readUserId } from "#lib/supabase/read-user-id.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

/** Auth that knows one user, by any token but "bad". */
function createAuth(alg: string, lifeSeconds: number) {
  const getClaims = vi.fn(async (token?: string) =>
    token === "bad"
      ? { data: null, error: { status: 401 } }
      : { data: { claims: { sub: "user", exp: start / 1000 + lifeSeconds }, header: { alg } }, error: null },
  );
  return { supabase: { auth: { getClaims } } as unknown as Supabase, getClaims };
}

test("a token that was verified is not verified again for a minute", async () => {
  const { supabase, getClaims } = createAuth("ES256", 3600);
  const read = () => readUserId(supabase, "minute");
  expect([await read(), await read()]).toEqual(["user", "user"]);
  expect(getClaims).toHaveBeenCalledTimes(1);
  vi.setSystemTime(start + 60_001);
  await read();
  expect(getClaims).toHaveBeenCalledTimes(2);
});

test("it counts no longer than it lives", async () => {
  const { supabase, getClaims } = createAuth("ES256", 10);
  await readUserId(supabase, "short");
  vi.setSystemTime(start + 10_001);
  getClaims.mockResolvedValueOnce({ data: null, error: { status: 401 } });
  await expect(readUserId(supabase, "short")).rejects.toMatchObject({ code: "unauthenticated" });
});

test.each([
  ["a token of which only Auth can tell whether it is valid", "HS256", "shared"],
  ["a token that is refused", "ES256", "bad"],
  ["a session", "ES256", undefined],
])("%s is asked for each time", async (_what, alg, token) => {
  const { supabase, getClaims } = createAuth(alg, 3600);
  for (let call = 0; call < 2; call += 1) await readUserId(supabase, token).catch(() => undefined);
  expect(getClaims).toHaveBeenCalledTimes(2);
});
