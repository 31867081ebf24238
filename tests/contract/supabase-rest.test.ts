import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SupabaseSubject, startSupabaseSubject } from "./supabase-subject.ts";

let subject: SupabaseSubject;
beforeAll(async () => {
  subject = await startSupabaseSubject();
});
afterAll(() => subject.stop());

describe("rows", () => {
  test("are written, read, filtered, ordered, counted and paged", async () => {
    const { client } = await subject.signUp();
    const rows = Array.from({ length: 25 }, (_, index) => ({
      title: `note ${index}`,
      rating: index,
      tags: ["a"],
      detail: { n: index },
    }));
    expect((await client.from("notes").insert(rows)).error).toBeNull();
    const found = await client
      .from("notes")
      .select("title, rating", { count: "exact" })
      .gte("rating", 20)
      .order("rating", { ascending: false });
    expect([found.count, found.data?.map((row) => row.rating)]).toEqual([5, [24, 23, 22, 21, 20]]);
    const page = await client.from("notes").select("rating").order("rating").range(10, 12);
    expect(page.data).toEqual([{ rating: 10 }, { rating: 11 }, { rating: 12 }]);
    const byJson = await client.from("notes").select("title").eq("detail->n", 7);
    expect(byJson.data).toEqual([{ title: "note 7" }]);
    const either = await client.from("notes").select("title").or("rating.eq.1,title.eq.note 2").order("rating");
    expect(either.data).toHaveLength(2);
    const head = await client.from("notes").select("*", { count: "exact", head: true }).ilike("title", "NOTE 1%");
    expect(head.count).toBe(11);
  });

  test("timestamps are ISO 8601 with an offset, whatever form the answer has", async () => {
    const { client } = await subject.signUp();
    const { data } = await client.from("notes").insert({ title: "when" }).select("created_at").single();
    expect(data?.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
  });

  test("an upsert writes once, and an update that fits nothing changes nothing", async () => {
    const { client, id } = await subject.signUp();
    const row = { owner_id: id, title: "same", rating: 1 };
    await client.from("notes").upsert(row, { onConflict: "owner_id,title" });
    await client.from("notes").upsert({ ...row, rating: 2 }, { onConflict: "owner_id,title" });
    expect((await client.from("notes").select("rating")).data).toEqual([{ rating: 2 }]);
    const missed = await client.from("notes").update({ rating: 9 }).eq("title", "other").select();
    expect(missed.data).toEqual([]);
    expect((await client.from("notes").select().eq("title", "other").maybeSingle()).data).toBeNull();
    expect((await client.from("notes").select().eq("title", "other").single()).error?.code).toBe("PGRST116");
  });
});

describe("refusals have the code of the database and the status of PostgREST", () => {
  test.each([
    ["a duplicate", { title: "twice" }, "23505", 409],
    ["a check", { title: "x".repeat(101) }, "23514", 400],
    ["a null", { title: null }, "23502", 400],
    ["a wrong type", { title: "t", rating: "many" }, "22P02", 400],
    ["an unknown column", { title: "t", nothing: 1 }, "PGRST204", 400],
  ])("%s", async (_name, row, code, status) => {
    const { client } = await subject.signUp();
    await client.from("notes").insert({ title: "twice" });
    const { error, status: answered } = await client.from("notes").insert(row as { title: string });
    expect([error?.code, answered]).toEqual([code, status]);
  });

  test("an exception keeps its message, detail and hint", async () => {
    const { error, status } = await subject.service.rpc("refuse", { p_message: "not like this" });
    expect([status, error?.code, error?.message, error?.details, error?.hint]).toEqual([
      400,
      "P0001",
      "not like this",
      "the detail",
      "the hint",
    ]);
  });

  test("an unknown table and an unknown function are told apart", async () => {
    expect((await subject.service.from("nothing").select()).error?.code).toBe("PGRST205");
    expect((await subject.service.rpc("nothing")).error?.code).toBe("PGRST202");
  });
});

describe("who may do what", () => {
  test("users see their own rows only; without a user there are none", async () => {
    const [first, second] = await Promise.all([subject.signUp(), subject.signUp()]);
    await first.client.from("notes").insert({ title: "mine" });
    expect((await first.client.from("notes").select("title")).data).toEqual([{ title: "mine" }]);
    expect((await second.client.from("notes").select("title")).data).toEqual([]);
    const foreign = await second.client.from("notes").insert({ title: "x", owner_id: first.id });
    expect(foreign.error?.code).toBe("42501");
    expect((await subject.anonymous.from("notes").select()).error?.code).toBe("42501");
  });

  test("what was not granted is refused, also after row level security was used", async () => {
    const { client } = await subject.signUp();
    await client.from("notes").select();
    const { error, status } = await client.from("secrets").select();
    expect([error?.code, status]).toEqual(["42501", 403]);
    expect((await subject.service.from("secrets").select()).data).toEqual([]);
    const written = await subject.service.from("secrets").insert({ id: 1 });
    expect(written.error?.code).toBe("42501");
  });

  test("a function may be kept to users, and knows who calls", async () => {
    const { client, id } = await subject.signUp();
    expect((await client.rpc("who_am_i")).data).toBe(id);
    expect((await subject.anonymous.rpc("who_am_i")).error?.code).toBe("42501");
  });

  test("a hundred mixed requests at once never mix their users", async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => subject.signUp()));
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const user = users[index % users.length];
      if (!user) throw new Error("There is no user.");
      if (index % 3 === 0) await user.client.from("notes").insert({ title: `note ${index}` });
      return [(await user.client.rpc("who_am_i")).data, user.id];
    });
    for (const [told, id] of await Promise.all(calls)) expect(told).toBe(id);
  });

  test("nobody without a key is served", async () => {
    expect((await fetch(`${subject.url}/rest/v1/notes`)).status).toBe(401);
    const forged = await fetch(`${subject.url}/rest/v1/notes`, {
      headers: { apikey: subject.publishableKey, authorization: "Bearer a.b.c" },
    });
    expect(forged.status).toBe(401);
  });
});
