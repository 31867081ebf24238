import { createHmac, createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedSupabase, startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { contractMigrations } from "./supabase-subject.ts";

// What of tokens can be shown only by whoever has the keys of the server.
const dataDir = mkdtempSync(join(tmpdir(), "knowledgebase-supabase-tokens-"));
const keysPath = join(dataDir, "keys.json");
let server: EmbeddedSupabase;
beforeAll(async () => {
  server = await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = () => startEmbeddedSupabase({ migrationsDir: contractMigrations, dataDir });
const readKeys = () => JSON.parse(readFileSync(keysPath, "utf8"));
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

function connect(token?: string) {
  const global = token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } };
  return createClient(server.url, server.publishableKey, { auth: { persistSession: false }, global });
}

async function signUp() {
  const { data } = await connect().auth.signUp({ email: `${crypto.randomUUID()}@example.com`, password: "a password" });
  return { id: data.user?.id ?? "", email: data.user?.email ?? "", token: data.session?.access_token ?? "" };
}

function signByPair(claims: object): string {
  const { tokenKey } = readKeys();
  const text = `${encode({ alg: "ES256", kid: tokenKey.kid, typ: "JWT" })}.${encode(claims)}`;
  const key = createPrivateKey({ key: tokenKey, format: "jwk" });
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function signBySecret(claims: object): string {
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${createHmac("sha256", readKeys().jwtSecret).update(text).digest("base64url")}`;
}

test("a token that is over is refused as such", async () => {
  const { id } = await signUp();
  const session = { sub: id, role: "authenticated", aud: "authenticated" };
  expect((await connect(signByPair({ ...session, exp: inAnHour() })).rpc("who_am_i")).data).toBe(id);
  const over = signByPair({ ...session, exp: Math.floor(Date.now() / 1000) - 60 });
  const rest = await connect(over).rpc("who_am_i");
  expect([rest.status, rest.error]).toMatchObject([401, { code: "PGRST303", message: "JWT expired" }]);
  expect((await connect(over).storage.from("files").list()).error).toMatchObject({ status: 400, statusCode: "403" });
  const { error } = await connect().auth.getUser(over);
  expect([error?.status, error?.code]).toEqual([403, "bad_jwt"]);
});

test("a token of the shared secret, as sessions had before there was a key pair, still opens what it opened", async () => {
  const { id } = await signUp();
  const former = signBySecret({ sub: id, role: "authenticated", aud: "authenticated", exp: inAnHour() });
  expect((await connect(former).rpc("who_am_i")).data).toBe(id);
  expect((await connect(former).storage.from("files").list(id)).error).toBeNull();
  expect((await connect().auth.getClaims(former)).data?.claims.sub).toBe(id);
});

test("the service's role may be borne by a token, too", async () => {
  const service = signByPair({ role: "service_role", exp: inAnHour() });
  expect((await connect(service).auth.admin.listUsers()).error).toBeNull();
  expect((await connect((await signUp()).token).auth.admin.listUsers()).error?.status).toBe(403);
});

test("the link of a mail leads to a token of the key pair", async () => {
  const { id, email } = await signUp();
  await connect().auth.resetPasswordForEmail(email);
  const mails = readdirSync(join(dataDir, "mail")).map((name) => readFileSync(join(dataDir, "mail", name), "utf8"));
  const link = /\/auth\/v1\/verify\S*/.exec(mails.find((mail) => mail.includes(email)) ?? "")?.[0] ?? "";
  const answer = await fetch(`${server.url}${link.replaceAll("&amp;", "&")}`, { redirect: "manual" });
  const fragment = new URLSearchParams(new URL(answer.headers.get("location") ?? "").hash.slice(1));
  const { data } = await connect().auth.getClaims(fragment.get("access_token") ?? "");
  expect([data?.header.alg, data?.claims.sub, fragment.get("type")]).toEqual(["ES256", id, "recovery"]);
});

test("tokens outlive a restart, and a folder of before has a key pair after it", { timeout: 240_000 }, async () => {
  const { id, token } = await signUp();
  await server.stop();
  server = await start();
  expect((await connect(token).rpc("who_am_i")).data).toBe(id);
  expect((await connect().auth.getClaims(token)).data?.claims.sub).toBe(id);

  await server.stop();
  const { tokenKey: _, ...former } = readKeys();
  writeFileSync(keysPath, JSON.stringify(former), { mode: 0o600 });
  server = await start();
  expect(readKeys()).toMatchObject({ ...former, tokenKey: { crv: "P-256", kid: expect.any(String) } });
  expect(statSync(keysPath).mode & 0o777).toBe(0o600);
  expect((await connect(token).rpc("who_am_i")).error?.code).toBe("PGRST301");
  const fresh = await signUp();
  expect((await connect(fresh.token).rpc("who_am_i")).data).toBe(fresh.id);
});
