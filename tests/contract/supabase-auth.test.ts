import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SupabaseSubject, startSupabaseSubject } from "./supabase-subject.ts";

let subject: SupabaseSubject;
beforeAll(async () => {
  subject = await startSupabaseSubject();
});
afterAll(() => subject.stop());

const stateless = { auth: { persistSession: false, autoRefreshToken: false } };

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
