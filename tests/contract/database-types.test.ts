import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBaseSchema } from "#supabase/embedded/create-base-schema.ts";
import { openDatabase } from "#supabase/embedded/open-database.ts";
import { printTypes } from "#supabase/print-types.ts";
import { readCatalog } from "#supabase/read-catalog.ts";

const connection = await openDatabase(undefined);
let types = "";

beforeAll(async () => {
  await createBaseSchema(connection.driver);
  await connection.driver.exec(`
    create extension vector with schema extensions;
    create extension citext;
    create type public.mood as enum ('good', 'so so');
    create type public.place as (name text, mood public.mood);
    create domain public.percent as integer check (value between 0 and 100);
    create table public.owners (id uuid primary key, "display name" text);
    create table public.things (
      id bigint generated always as identity primary key,
      owner_id uuid not null unique references public.owners (id),
      mood public.mood not null default 'good',
      moods public.mood[] not null,
      share public.percent,
      detail jsonb,
      embedding extensions.vector(3),
      upper_mood text generated always as (id || 'x') stored,
      place public.place
    );
    create view public.moods with (security_invoker = true) as select mood, count(*) as number from public.things group by mood;
    create view public.simple with (security_invoker = true) as select id, mood from public.things;
    create function public.none() returns void language sql as $$ select $$;
    create function public.one(p_id bigint) returns public.things language sql as $$ select * from public.things limit 1 $$;
    create function public.some(p_ids bigint[], p_limit integer default 10) returns setof public.things
      language sql as $$ select * from public.things $$;
    create function public.listed(p_detail jsonb) returns table (id bigint, tags text[]) language sql as $$ select 1, '{}'::text[] $$;
    create function public.again(a integer) returns text language sql as $$ select '' $$;
    create function public.again(a text, b boolean) returns setof uuid language sql as $$ select gen_random_uuid() $$;
    create function public.outs(a integer, out b integer, out c text) language sql as $$ select 1, '' $$;
    create function public.on_change() returns trigger language plpgsql as $$ begin return new; end $$;
  `);
  types = printTypes(await readCatalog(connection.driver)).replace(/\s+/g, " ");
});
afterAll(() => connection.close());

test("the file of the types is what the migrations make", { timeout: 180_000 }, () => {
  const generator = resolve(import.meta.dirname, "../../supabase/generate-types.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [generator, "--check"], { encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "lib/supabase/database.types.ts is up to date\n", ""]);
});

test.each([
  [
    "columns",
    'Row: { detail: Json | null; embedding: string | null; id: number; mood: Database["public"]["Enums"]["mood"];',
  ],
  ["arrays of enums", 'moods: Database["public"]["Enums"]["mood"][]; owner_id: string;'],
  ["composites and domains", 'place: Database["public"]["CompositeTypes"]["place"] | null; share: number | null;'],
  [
    "what an insert may leave out",
    "Insert: { detail?: Json | null; embedding?: string | null; id?: never; mood?: Database",
  ],
  ["what the database makes itself", "upper_mood?: never; };"],
  ["names that are no identifiers", '"display name": string | null;'],
  [
    "relationships",
    'foreignKeyName: "things_owner_id_fkey"; columns: ["owner_id"]; isOneToOne: true; referencedRelation: "owners";',
  ],
  [
    "a view",
    'moods: { Row: { mood: Database["public"]["Enums"]["mood"] | null; number: number | null; }; Relationships: []; };',
  ],
  ["a view that can be written", "simple: { Row: { id: number | null;"],
  ["enums", 'Enums: { mood: "good" | "so so"; };'],
  [
    "a composite's parts",
    'CompositeTypes: { place: { name: string | null; mood: Database["public"]["Enums"]["mood"] | null; }; };',
  ],
  ["a function without anything", "none: { Args: never; Returns: undefined; };"],
  [
    "a function that answers rows of its own",
    "Args: { p_detail: Json }; Returns: { id: number; tags: string[]; }[]; };",
  ],
  ["a function with a default", "some: { Args: { p_ids: number[]; p_limit?: number }; Returns: {"],
  ["rows of a table", '}[]; SetofOptions: { from: "*"; to: "things"; isOneToOne: false; isSetofReturn: true; }; };'],
  ["one row of a table", '}; SetofOptions: { from: "*"; to: "things"; isOneToOne: true; isSetofReturn: false; }; };'],
  [
    "functions of one name",
    "again: | { Args: { a: number }; Returns: string; } | { Args: { a: string; b: boolean }; Returns: string[]; };",
  ],
  ["out parameters", "outs: { Args: { a: number }; Returns: { b: number; c: string; }; };"],
])("types: %s", (_name, expected) => {
  expect(types).toContain(expected);
});

test("neither triggers nor what extensions bring is callable", () => {
  for (const name of ["on_change", "citext_eq", "regexp_match", "l2_distance"]) expect(types).not.toContain(`${name}:`);
});
