import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedSupabase, startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { contractMigrations } from "./supabase-subject.ts";

// What only the stand-in promises.
const dataDir = mkdtempSync(join(tmpdir(), "knowledgebase-supabase-"));
let server: EmbeddedSupabase;
beforeAll(async () => {
  server = await startEmbeddedSupabase({ migrationsDir: contractMigrations, dataDir });
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const connect = () => createClient(server.url, server.secretKey, { auth: { persistSession: false } });

test("nothing is served but REST, auth and storage", async () => {
  for (const path of ["/_system/config", "/_system/introspect", "/_system/info", "/", "/studio", "/graphql/v1"]) {
    expect((await fetch(`${server.url}${path}`)).status, path).toBe(404);
  }
});

test("a second server on the same folder refuses and says so", async () => {
  await expect(startEmbeddedSupabase({ migrationsDir: contractMigrations, dataDir })).rejects.toThrow(dataDir);
});

test("a taken port is named", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), "knowledgebase-supabase-"));
  await expect(startEmbeddedSupabase({ migrationsDir: contractMigrations, dataDir: folder, port })).rejects.toThrow(
    String(port),
  );
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a migration that fails stops the start, with its file and the database's words", async () => {
  const migrations = mkdtempSync(join(tmpdir(), "knowledgebase-migrations-"));
  writeFileSync(join(migrations, "20260101000000_wrong.sql"), "create table public.a (b no_such_type);");
  const folder = mkdtempSync(join(tmpdir(), "knowledgebase-supabase-"));
  await expect(startEmbeddedSupabase({ migrationsDir: migrations, dataDir: folder })).rejects.toThrow(
    /20260101000000_wrong\.sql.*no_such_type/,
  );
  for (const made of [migrations, folder]) rmSync(made, { recursive: true, force: true });
});

test("what is logged of a failing statement has none of its values", async () => {
  await connect().from("notes").insert({ title: "the secret sauce", rating: "not a number, but a secret" });
  await connect().rpc("refuse", { p_message: "a secret message" });
  expect(server.log()).not.toContain("secret");
});

test("whatever was acknowledged is there after kill -9, rows and objects", async () => {
  const { data: made } = await connect().auth.admin.createUser({
    email: "durable@example.com",
    password: "a password",
  });
  const owner = made.user?.id ?? "";
  const acknowledged: number[] = [];
  let isKilled = false;
  const write = async () => {
    for (let index = 0; !isKilled; index += 1) {
      const row = await connect()
        .from("notes")
        .insert({ title: `row ${index}`, owner_id: owner });
      const object = row.error
        ? row
        : await connect().storage.from("files").upload(`durable/${index}`, `object ${index}`);
      if (row.error || object.error) return;
      acknowledged.push(index);
    }
  };
  const writing = write();
  while (acknowledged.length < 30) await new Promise((resolve) => setTimeout(resolve, 10));
  await server.kill9();
  isKilled = true;
  await writing;

  const { publishableKey, secretKey } = server;
  server = await startEmbeddedSupabase({ migrationsDir: contractMigrations, dataDir });
  expect([server.publishableKey, server.secretKey]).toEqual([publishableKey, secretKey]);
  const { data: rows } = await connect().from("notes").select("title").eq("owner_id", owner);
  expect(rows?.map((row) => row.title)).toEqual(expect.arrayContaining(acknowledged.map((index) => `row ${index}`)));
  for (const index of acknowledged) {
    const { data } = await connect().storage.from("files").download(`durable/${index}`);
    expect(await data?.text()).toBe(`object ${index}`);
  }
});
