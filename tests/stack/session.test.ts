import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { expect, inject, test } from "vitest";
import { createSessionClient } from "#lib/supabase/clients.ts";

const stack = inject("stack");
const address = { SUPABASE_URL: stack.supabaseUrl, SUPABASE_PUBLISHABLE_KEY: stack.publishableKey };
const service = createClient(stack.supabaseUrl, stack.secretKey, { auth: { persistSession: false } });

/** A new user in a browser of their own: `visit` goes to a screen with the cookies that there are, and says where that leads. */
async function openBrowser() {
  const jar = new Map<string, string>();
  const { auth } = createSessionClient(address, {
    getAll: () => [...jar].map(([name, value]) => ({ name, value })),
    setAll: (changed) => {
      for (const { name, value } of changed) value ? jar.set(name, value) : jar.delete(name);
    },
  });
  const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const { data } = await service.auth.admin.createUser({ ...credentials, email_confirm: true });
  await auth.signInWithPassword(credentials);
  const send = (path: string) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    return fetch(`${stack.appUrl}${path}`, { headers: { cookie }, redirect: "manual" });
  };
  const visit = async (path: string) => {
    const answer = await send(path);
    await answer.text();
    const location = answer.headers.get("location");
    return location ? new URL(location, stack.appUrl).pathname : answer.status;
  };
  return { id: data.user?.id ?? "", jar, auth, send, visit };
}

test("screens are for whoever is signed in, the sign-in for everybody else", async () => {
  const browser = await openBrowser();
  expect([await browser.visit("/documents"), await browser.visit("/sign-in")]).toEqual([200, "/documents"]);
  expect((await browser.send("/api/documents")).status).toBe(200);
  await browser.auth.signOut({ scope: "local" });
  expect([await browser.visit("/documents"), await browser.visit("/sign-in")]).toEqual(["/sign-in", 200]);
  expect((await browser.send("/api/documents")).status).toBe(401);
});

test("a session that ended elsewhere shows no screen, and does not go round in circles", async () => {
  const [deleted, elsewhere] = await Promise.all([openBrowser(), openBrowser()]);
  await service.auth.admin.deleteUser(deleted.id);
  const kept = new Map(elsewhere.jar);
  await elsewhere.auth.signOut({ scope: "global" });
  for (const [name, value] of kept) elsewhere.jar.set(name, value);
  for (const browser of [deleted, elsewhere]) {
    expect([await browser.visit("/documents"), await browser.visit("/sign-in")]).toEqual(["/sign-in", 200]);
  }
});

test("a cookie that holds no session is nobody's", async () => {
  const browser = await openBrowser();
  const [name = ""] = browser.jar.keys();
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const access_token of ["x", "a.b.c", `${encode({ alg: "none" })}.${encode({ exp: 4_000_000_000 })}.`]) {
    const session = { access_token, refresh_token: "x", expires_at: 4_000_000_000, user: { id: browser.id } };
    browser.jar.set(name, `base64-${encode(session)}`);
    expect([await browser.visit("/documents"), await browser.visit("/sign-in")]).toEqual(["/sign-in", 200]);
    expect((await browser.send("/api/documents")).status).toBe(401);
  }
});
