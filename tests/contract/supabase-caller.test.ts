import { parseCookieHeader } from "@supabase/ssr";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createSessionClient } from "#lib/supabase/clients.ts";
import { readCaller } from "#lib/supabase/read-caller.ts";
import { type SupabaseSubject, startSupabaseSubject } from "./supabase-subject.ts";

// Who calls, as the product reads it off a request.
let subject: SupabaseSubject;
beforeAll(async () => {
  subject = await startSupabaseSubject();
});
afterAll(() => subject.stop());

const address = () => ({ SUPABASE_URL: subject.url, SUPABASE_PUBLISHABLE_KEY: subject.publishableKey });
const read = (headers: Record<string, string>) => readCaller(address(), new Request("http://app/api", { headers }));
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The cookies of a new user's session, as a browser sends them back. */
async function signIn() {
  const { id, email, password } = await subject.signUp();
  const jar = new Map<string, string>();
  const client = createSessionClient(address(), {
    getAll: () => [...jar].map(([name, value]) => ({ name, value })),
    setAll: (changed) => {
      for (const { name, value } of changed) value ? jar.set(name, value) : jar.delete(name);
    },
  });
  await client.auth.signInWithPassword({ email, password });
  return { id, jar, client };
}

const cookieOf = (jar: Map<string, string>) => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");

/** Makes a session as old as one of which nobody has heard for hours. */
function age(jar: Map<string, string>, change: object): Map<string, string> {
  const [name = "", ...rest] = [...jar.keys()];
  expect(rest, "a session in one cookie").toEqual([]);
  const session = JSON.parse(Buffer.from((jar.get(name) ?? "").slice("base64-".length), "base64url").toString());
  return new Map([[name, `base64-${encode({ ...session, ...change })}`]]);
}

test("requests are read without a call to Auth, by token or by cookie", async () => {
  const [{ id, token }, session] = await Promise.all([subject.signUp(), signIn()]);
  const [bearer, cookie] = [{ authorization: `Bearer ${token}` }, { cookie: cookieOf(session.jar) }];
  await Promise.all([read(bearer), read(cookie)]);
  const fetching = vi.spyOn(globalThis, "fetch");
  for (let round = 0; round < 3; round += 1) {
    expect(await read(bearer)).toMatchObject({ userId: id, setCookies: [] });
    expect(await read(cookie)).toMatchObject({ userId: session.id, setCookies: [] });
  }
  expect(fetching).not.toHaveBeenCalled();
  fetching.mockRestore();
  const { supabase } = await read(cookie);
  expect((await supabase.rpc("who_am_i" as never)).data).toBe(session.id);
});

test("a session that is over is renewed, and its cookies are handed on", async () => {
  const { id, jar } = await signIn();
  const caller = await read({ cookie: cookieOf(age(jar, { expires_at: 1 })) });
  expect(caller.userId).toBe(id);
  const renewed = caller.setCookies.map((line) => parseCookieHeader(line.split(";")[0] ?? "")[0]);
  expect(renewed).not.toHaveLength(0);
  const cookie = renewed.map((one) => `${one?.name}=${one?.value}`).join("; ");
  expect(await read({ cookie })).toMatchObject({ userId: id, setCookies: [] });
});

test("signing out leaves nothing to sign in with", async () => {
  const { jar, client } = await signIn();
  const before = age(jar, { expires_at: 1 });
  await client.auth.signOut({ scope: "local" });
  expect(jar.size).toBe(0);
  // The library prints what it answers, too.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  await expect(read({ cookie: cookieOf(before) })).rejects.toMatchObject({ code: "unauthenticated" });
  vi.restoreAllMocks();
});

test("whatever is not a token of ours is nobody", async () => {
  const { token } = await subject.signUp();
  const [head = "", body = "", signature = ""] = token.split(".");
  const { kid } = JSON.parse(Buffer.from(head, "base64url").toString());
  const alike = (header: object) => `${encode(header)}.${body}.${signature}`;
  const tokens = [
    ...["x", "a.b.c", "🙂", `${head}.${body}`, `${head}.${body}.`, `${head}.${encode({ exp: 1 })}.${signature}`],
    ...[
      `${head}.${encode({ exp: 4_000_000_000 })}.${signature}`,
      alike({ alg: "none", kid }),
      alike({ alg: "RS256", kid }),
    ],
    ...[alike({ alg: "HS256", typ: "JWT" }), alike({ alg: "ES256", kid: "another" }), alike({ alg: 1, kid })],
  ];
  for (const one of tokens) {
    const headers = { authorization: `Bearer ${encodeURI(one)}` };
    await expect(read(headers), one).rejects.toMatchObject({ code: "unauthenticated" });
  }
  const { jar } = await signIn();
  for (const access_token of ["a.b.c", alike({ alg: "none", kid })]) {
    const cookie = cookieOf(age(jar, { access_token }));
    await expect(read({ cookie }), access_token).rejects.toMatchObject({ code: "unauthenticated" });
  }
  await expect(read({})).rejects.toMatchObject({ code: "unauthenticated" });
});

test("that Auth is away is not the caller's fault", async () => {
  const away = { ...address(), SUPABASE_URL: "http://127.0.0.1:1" };
  const { token } = await subject.signUp();
  const ofUnknownKey = `${encode({ alg: "ES256", kid: "another" })}.${token.split(".").slice(1).join(".")}`;
  const request = new Request("http://app/api", { headers: { authorization: `Bearer ${ofUnknownKey}` } });
  await expect(readCaller(away, request)).rejects.toMatchObject({ code: "database_unavailable" });
});
