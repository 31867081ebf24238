import { generateKeyPairSync, sign } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type SupabaseSubject, startSupabaseSubject } from "./supabase-subject.ts";

let subject: SupabaseSubject;
beforeAll(async () => {
  subject = await startSupabaseSubject();
});
afterAll(() => subject.stop());

const stateless = { auth: { persistSession: false, autoRefreshToken: false } };

const asBearer = (token: string) =>
  createClient(subject.url, subject.publishableKey, {
    ...stateless,
    global: { headers: { Authorization: `Bearer ${token}` } },
  });

describe("users", () => {
  test("sign up, sign in, are known by their token, refresh and sign out", async () => {
    const { id, email, password, token } = await subject.signUp();
    expect((await subject.anonymous.auth.getUser(token)).data.user?.id).toBe(id);
    const client = createClient(subject.url, subject.publishableKey, stateless);
    const signedIn = await client.auth.signInWithPassword({ email, password });
    expect(signedIn.data.user?.email).toBe(email);
    const refreshed = await client.auth.refreshSession();
    expect(refreshed.data.session?.refresh_token).not.toBe(signedIn.data.session?.refresh_token);
    expect((await client.auth.signOut()).error).toBeNull();
    expect((await client.auth.getUser(refreshed.data.session?.access_token ?? "")).error).not.toBeNull();
  });

  test("what is wrong has the code that hosted gives", async () => {
    const { email } = await subject.signUp();
    const { auth } = createClient(subject.url, subject.publishableKey, stateless);
    expect((await auth.signUp({ email, password: "long enough" })).error?.code).toBe("user_already_exists");
    expect((await auth.signInWithPassword({ email, password: "wrong" })).error?.code).toBe("invalid_credentials");
    const weak = await auth.signUp({ email: `${crypto.randomUUID()}@example.com`, password: "abc" });
    expect(weak.error?.code).toBe("weak_password");
    expect((await auth.getUser("a.b.c")).data.user).toBeNull();
  });
});

describe("access tokens", () => {
  test("are signed by a key pair and read without a call once its public half is known", async () => {
    const { id, email, password, client, token } = await subject.signUp();
    const { data } = await subject.anonymous.auth.getClaims(token);
    expect(data?.header).toMatchObject({ alg: "ES256", kid: expect.any(String), typ: "JWT" });
    expect(data?.claims).toMatchObject({ sub: id, email, role: "authenticated", aud: "authenticated" });
    const fetching = vi.spyOn(globalThis, "fetch");
    const another = createClient(subject.url, subject.publishableKey, stateless);
    expect((await another.auth.getClaims(token)).data?.claims.sub).toBe(id);
    expect(fetching).not.toHaveBeenCalled();
    fetching.mockRestore();

    const signedIn = await client.auth.signInWithPassword({ email, password });
    const refreshed = await client.auth.refreshSession();
    for (const session of [signedIn.data.session, refreshed.data.session]) {
      const read = await another.auth.getClaims(session?.access_token);
      expect([read.data?.header.alg, read.data?.claims.sub]).toEqual(["ES256", id]);
      expect((await asBearer(session?.access_token ?? "").rpc("who_am_i")).data).toBe(id);
    }
  });

  test("are of a key whose public half everybody may read", async () => {
    const answer = await fetch(`${subject.url}/auth/v1/.well-known/jwks.json`);
    const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
    const text = expect.any(String);
    expect(keys).toContainEqual(
      expect.objectContaining({ kty: "EC", crv: "P-256", x: text, y: text, kid: text, alg: "ES256" }),
    );
    for (const key of keys) expect(key).not.toHaveProperty("d");
  });

  test("that were altered, or signed by another key, open nothing", async () => {
    const { id, token } = await subject.signUp();
    const [head = "", body = "", signature = ""] = token.split(".");
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const forged = sign("sha256", Buffer.from(`${head}.${body}`), { key: other, dsaEncoding: "ieee-p1363" });
    const claims = { ...JSON.parse(Buffer.from(body, "base64url").toString()), sub: crypto.randomUUID() };
    const wrong = {
      "other claims": `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`,
      "another signature": `${head}.${body}.${signature.slice(0, 40)}${signature.slice(40).split("").reverse().join("")}`,
      "another key": `${head}.${body}.${forged.toString("base64url")}`,
      "no signature": `${Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url")}.${body}.${signature}`,
    };
    expect((await asBearer(token).storage.from("files").list(id)).error).toBeNull();
    for (const [what, bad] of Object.entries(wrong)) {
      const rest = await asBearer(bad).from("notes").select();
      expect([what, rest.status, rest.error?.code]).toEqual([what, 401, "PGRST301"]);
      const files = await asBearer(bad).storage.from("files").list(id);
      expect([what, files.error]).toMatchObject([what, { status: 400, statusCode: "403" }]);
      expect([what, (await subject.anonymous.auth.getUser(bad)).data.user]).toEqual([what, null]);
      expect((await asBearer(bad).auth.admin.listUsers()).error?.status, what).toBeGreaterThanOrEqual(401);
    }
  });
});

describe("the admin API", () => {
  test("creates, finds, changes and deletes users", async () => {
    const { admin } = subject.service.auth;
    const email = `${crypto.randomUUID()}@example.com`;
    const made = await admin.createUser({
      email,
      password: "first password",
      email_confirm: true,
      user_metadata: { name: "Ada" },
    });
    const id = made.data.user?.id ?? "";
    expect(made.data.user).toMatchObject({ email, user_metadata: { name: "Ada" } });
    expect((await admin.createUser({ email, password: "first password" })).error?.code).toBe("email_exists");
    expect((await admin.getUserById(id)).data.user?.email).toBe(email);
    const listed = await admin.listUsers({ page: 1, perPage: 1000 });
    expect(listed.data.users.map((user) => user.id)).toContain(id);
    await admin.updateUserById(id, { password: "second password" });
    const { auth } = createClient(subject.url, subject.publishableKey, stateless);
    expect((await auth.signInWithPassword({ email, password: "first password" })).error?.code).toBe(
      "invalid_credentials",
    );
    expect((await auth.signInWithPassword({ email, password: "second password" })).error).toBeNull();
    expect((await admin.deleteUser(id)).error).toBeNull();
    expect((await admin.getUserById(id)).error?.code).toBe("user_not_found");
  });

  test("is for the secret key only", async () => {
    const { client } = await subject.signUp();
    expect((await client.auth.admin.listUsers()).error?.status).toBeGreaterThanOrEqual(401);
    expect((await subject.anonymous.auth.admin.listUsers()).error?.status).toBeGreaterThanOrEqual(401);
  });
});
