import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SupabaseSubject, startSupabaseSubject } from "./supabase-subject.ts";

let subject: SupabaseSubject;
beforeAll(async () => {
  subject = await startSupabaseSubject();
});
afterAll(() => subject.stop());

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);

describe("values", () => {
  test("have the same form alone, embedded and in arrays", async () => {
    const { client } = await subject.signUp();
    const note = await client.from("notes").insert({ title: "with remarks" }).select("id").single();
    const time = "2026-11-23T15:11:38.243+05:45";
    const remark = { note_id: note.data?.id, body: "seen", seen_at: time, seen_times: [time], raw: "\\x00ff" };
    const made = await client.from("remarks").insert(remark).select().single();
    expect(made.data).toMatchObject({ seen_at: "2026-11-23T09:26:38.243+00:00", raw: "\\x00ff" });
    expect(made.data?.seen_times).toEqual([isoTime]);
    const both = await client.from("notes").select("created_at, remarks(seen_at, seen_times)").single();
    expect(both.data).toEqual({ created_at: isoTime, remarks: [{ seen_at: isoTime, seen_times: [isoTime] }] });
  });

  test("a vector is written as a string or as an array, and read as a string", async () => {
    const { client } = await subject.signUp();
    const note = await client.from("notes").insert({ title: "in space" }).select("id").single();
    for (const place of ["[1,2,3]", [1, 2, 3]]) {
      const remark = { note_id: note.data?.id, body: "here", place };
      const { data, error } = await client.from("remarks").insert(remark).select("place").single();
      expect([error, data?.place]).toEqual([null, "[1,2,3]"]);
    }
  });

  test("beyond the last row a page is refused as out of range", async () => {
    const { client } = await subject.signUp();
    await client.from("notes").insert({ title: "only" });
    const { error, status } = await client.from("notes").select("*", { count: "exact" }).range(5, 9);
    expect([error?.code, status]).toEqual(["PGRST103", 416]);
  });

  test("no answer has more than a thousand rows", async () => {
    const { client, id } = await subject.signUp();
    const rows = Array.from({ length: 1100 }, (_, index) => ({ owner_id: id, title: `note ${index}` }));
    expect((await subject.service.from("notes").insert(rows)).error).toBeNull();
    const { data, count } = await client.from("notes").select("title", { count: "exact" });
    expect([data?.length, count]).toEqual([1000, 1100]);
  });
});

describe("refusals", () => {
  test("a missing parent has the code of a foreign key", async () => {
    const { error, status } = await subject.service.from("remarks").insert({ note_id: -1, body: "lost" });
    expect([error?.code, status]).toEqual(["23503", 409]);
  });

  test("a function without an end fails, and the next call is served", async () => {
    const { error } = await subject.service.rpc("fall_forever", { p_depth: 1 });
    expect(error?.code).toBe("54001");
    expect((await subject.service.from("notes").select("id").limit(1)).error).toBeNull();
  });

  test("no schema but the public one is exposed", async () => {
    for (const schema of ["auth", "storage", "extensions", "supabase_migrations"]) {
      const { error, status } = await subject.service.schema(schema).from("users").select();
      expect([error?.code, status], schema).toEqual(["PGRST106", 406]);
    }
  });

  test.each(["garbage", "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.", "a.b.c"])(
    "the token %s is refused, not served as nobody",
    async (token) => {
      const headers = { apikey: subject.publishableKey, authorization: `Bearer ${token}` };
      expect((await fetch(`${subject.url}/rest/v1/notes`, { headers })).status).toBe(401);
    },
  );

  test("a key that is not one opens nothing", async () => {
    const refused = await fetch(`${subject.url}/rest/v1/notes`, {
      headers: { apikey: "sb_secret_not_the_one_at_all" },
    });
    expect(refused.status).toBe(401);
  });
});

describe("who is calling", () => {
  test("the secret key sees and writes everybody's rows", async () => {
    const { id } = await subject.signUp();
    const made = await subject.service
      .from("notes")
      .insert({ owner_id: id, title: "by the service" })
      .select()
      .single();
    expect(made.data?.owner_id).toBe(id);
    expect((await subject.service.from("notes").select("title").eq("owner_id", id)).data).toHaveLength(1);
  });

  test("a user's token beside the secret key is the user, not the service", async () => {
    const [first, second] = await Promise.all([subject.signUp(), subject.signUp()]);
    await first.client.from("notes").insert({ title: "of the first" });
    const response = await fetch(`${subject.url}/rest/v1/notes?select=title`, {
      headers: { apikey: subject.secretKey, authorization: `Bearer ${second.token}` },
    });
    expect(await response.json()).toEqual([]);
  });
});

test("a browser of another origin is let in", async () => {
  const headers = { origin: "https://app.example.com", "access-control-request-method": "POST" };
  for (const path of ["/rest/v1/notes", "/auth/v1/token?grant_type=password", "/storage/v1/object/list/files"]) {
    const preflight = await fetch(`${subject.url}${path}`, {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-headers": "apikey,authorization,content-type,x-client-info" },
    });
    expect(preflight.ok, path).toBe(true);
    expect(preflight.headers.get("access-control-allow-origin"), path).toMatch(/^(\*|https:\/\/app\.example\.com)$/);
    expect(preflight.headers.get("access-control-allow-headers")?.toLowerCase(), path).toContain("apikey");
    const refused = await fetch(`${subject.url}${path}`, { method: "POST", headers: { origin: headers.origin } });
    expect(refused.headers.get("access-control-allow-origin"), path).not.toBeNull();
  }
});
