import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readImports, type SourceFile } from "./read-imports.ts";

const root = resolve(import.meta.dirname, "..");
const rooms = ["app", "inngest", "lib", "supabase", "tests"];
const maxLines = 300;

const ours = /^(app|inngest|lib|supabase|tests)\//;
const embedded = /(^|\/)embedded\//;
const stage = /^lib\/ingestion\/(download|parse|embed|publish)\.ts$/;
const next = /^next($|\/)/;
const react = /^react(-dom)?($|\/)/;

interface Row {
  rule: string;
  /** The files that the row binds. */
  files: RegExp;
  except?: RegExp;
  /** Whether such a file may import `target`. */
  may: (target: string, from: string) => boolean;
}

const rows: Row[] = [
  {
    rule: "stand-ins are started, not imported",
    files: /./,
    // The types are made from the same base schema that the stand-in has.
    except: /^tests\/|(^|\/)embedded\/|^supabase\/generate-types\.ts$/,
    may: (target) => !embedded.test(target),
  },
  {
    rule: "a stand-in shares no code with what it is tested against",
    files: embedded,
    except: /^tests\//,
    may: (target, from) => !ours.test(target) || target.startsWith(from.slice(0, from.indexOf("embedded/") + 9)),
  },
  {
    rule: "lib knows neither the app nor the workflow engine",
    files: /^lib\//,
    except: embedded,
    may: (target) => !/^(app|inngest)($|\/)/.test(target) && !next.test(target) && !react.test(target),
  },
  {
    rule: "the workflow does not know the app",
    files: /^inngest\//,
    may: (target) => !target.startsWith("app/") && !next.test(target) && !react.test(target),
  },
  {
    rule: "functions are served by one route",
    files: /^(app|inngest|lib)\//,
    except: /^app\/api\/inngest\/route\.ts$|^inngest\/functions\//,
    may: (target) => target !== "inngest/next" && !target.startsWith("inngest/functions/"),
  },
  {
    rule: "events and the client are the floor of the workflow",
    files: /^inngest\/(events|client)\.ts$/,
    may: (target) =>
      !ours.test(target) ||
      /^lib\/[^/]+\/schema\.ts$/.test(target) ||
      target === "inngest/events.ts" ||
      target === "inngest/log-engine.ts",
  },
  {
    rule: "a stage does not know another stage",
    files: stage,
    may: (target) => !stage.test(target),
  },
  {
    rule: "search and ingestion do not know each other",
    files: /^lib\/(search|ingestion)\//,
    may: (target, from) => !target.startsWith(from.startsWith("lib/search/") ? "lib/ingestion/" : "lib/search/"),
  },
  {
    rule: "the floor of lib imports nothing of ours",
    files: /^lib\/(env|errors|log)\.ts$/,
    may: (target) => !ours.test(target),
  },
  {
    rule: "the launcher is started, not imported",
    files: /./,
    except: /^(lib\/stack|tests)\//,
    may: (target) => !target.startsWith("lib/stack/"),
  },
  ...doors([
    ["@langchain/openai", /^lib\/embeddings\//],
    ["@langchain/textsplitters", /^lib\/ingestion\/chunk[\w-]*\.ts$/],
    ["pdf-parse", /^lib\/ingestion\/(.*\/)?[\w-]*pdf[\w-]*\.ts$/],
    ["@supabase/supabase-js", /^lib\/supabase\//],
    ["@supabase/ssr", /^lib\/supabase\/|^(app|proxy)/],
  ]),
  {
    rule: "production does not know the tests",
    files: /^(?!tests\/)/,
    except: /^vitest\.config\.ts$/,
    may: (target) => !target.startsWith("tests/"),
  },
];

/** Where an outside package comes in: through one door each. */
function doors(pairs: [string, RegExp][]): Row[] {
  return pairs.map(([name, door]) => ({
    rule: `${name} comes in by one door`,
    files: /^(app|inngest|lib|proxy)/,
    except: new RegExp(`${door.source}|${embedded.source}`),
    may: (target) => target !== name && !target.startsWith(`${name}/`),
  }));
}

const files = new Map(listSources().map((path) => [path, readImports(path, readFileSync(join(root, path), "utf8"))]));

test.each(rows.map((row) => [row.rule, row] as const))("%s", (_rule, row) => {
  expect(findBreaches(row, files)).toEqual([]);
});

test("no file imports itself through others", () => {
  expect(findCycles(files)).toEqual([]);
});

test("nothing that runs in the browser reaches a secret or the workflow", () => {
  const secret = /^lib\/(env|deps)\.ts$|^lib\/supabase\/clients\.ts$|^inngest\/|^inngest$/;
  const found = [...files]
    .filter(([, { directive }]) => directive === "use client")
    .flatMap(([path]) =>
      reach(path, files)
        .filter((target) => secret.test(target))
        .map((target) => `${path} -> ${target}`),
    );
  expect(found).toEqual([]);
});

test("the environment is read in one place", () => {
  const readers = [...files].filter(([, file]) => file.readsEnvironment).map(([path]) => path);
  const production = readers.filter((path) => /^(app|inngest|lib|proxy)/.test(path) && !embedded.test(path));
  expect(production.filter((path) => !path.startsWith("lib/stack/"))).toEqual(["lib/env.ts"]);
});

test(`no file is longer than ${maxLines} lines`, () => {
  const generated = "lib/supabase/database.types.ts";
  const lengths = [...files.keys()].map(
    (path) => [path, readFileSync(join(root, path), "utf8").split("\n").length - 1] as const,
  );
  expect(lengths.filter(([path, lines]) => lines > maxLines && path !== generated)).toEqual([]);
});

const planted: [rule: string, path: string, text: string][] = [
  ["stand-ins are started, not imported", "lib/deps.ts", 'import "#lib/embeddings/embedded/main.ts";'],
  [
    "a stand-in shares no code with what it is tested against",
    "inngest/embedded/run.ts",
    'import "#inngest/events.ts";',
  ],
  ["lib knows neither the app nor the workflow engine", "lib/x/y.ts", 'export * from "inngest";'],
  ["the workflow does not know the app", "inngest/functions/x.ts", 'const x = await import("next/headers");'],
  ["functions are served by one route", "app/api/health/route.ts", 'import { x } from "#inngest/functions/index.ts";'],
  ["events and the client are the floor of the workflow", "inngest/client.ts", 'import "#lib/env.ts";'],
  ["a stage does not know another stage", "lib/ingestion/embed.ts", 'import { parse } from "./parse.ts";'],
  [
    "search and ingestion do not know each other",
    "lib/search/search.ts",
    'import type { A } from "#lib/ingestion/schema.ts";',
  ],
  ["the floor of lib imports nothing of ours", "lib/log.ts", 'import "./env.ts";'],
  ["the launcher is started, not imported", "app/page.tsx", 'import "#lib/stack/schema.ts";'],
  ["pdf-parse comes in by one door", "lib/documents/x.ts", 'import { PDFParse } from "pdf-parse";'],
  ["production does not know the tests", "lib/search/search.ts", 'import "#tests/read-imports.ts";'],
];

test.each(planted)("the table sees a breach of: %s", (rule, path, text) => {
  const row = rows.find((candidate) => candidate.rule === rule);
  const breaches = row ? findBreaches(row, new Map([[path, readImports(path, text)]])) : [];
  expect(breaches).toHaveLength(1);
});

test("a cycle is seen", () => {
  const a = readImports("lib/a.ts", 'import { b } from "./b.ts";');
  const b = readImports("lib/b.ts", 'import { a } from "#lib/a.ts";');
  expect(
    findCycles(
      new Map([
        ["lib/a.ts", a],
        ["lib/b.ts", b],
      ]),
    ),
  ).toEqual(["lib/a.ts -> lib/b.ts -> lib/a.ts"]);
});

function findBreaches({ files: bound, except, may }: Row, sources: Map<string, SourceFile>): string[] {
  return [...sources]
    .filter(([path]) => bound.test(path) && !except?.test(path))
    .flatMap(([path, { imports }]) =>
      imports.filter(({ target }) => !may(target, path)).map(({ target }) => `${path} -> ${target}`),
    );
}

function findCycles(sources: Map<string, SourceFile>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path].join(" -> "));
    if (at >= 0 || done.has(path)) return;
    for (const { target } of sources.get(path)?.imports ?? []) if (sources.has(target)) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of sources.keys()) walk(path, []);
  return cycles;
}

/** All that runs when `start` runs in the browser; a `"use server"` file is called over HTTP, so the walk ends there. */
function reach(start: string, sources: Map<string, SourceFile>): string[] {
  const seen = new Set<string>();
  const walk = (path: string): void => {
    const file = sources.get(path);
    if (!file || file.directive === "use server") return;
    for (const { target, typeOnly } of file.imports) {
      if (typeOnly || seen.has(target)) continue;
      seen.add(target);
      walk(target);
    }
  };
  walk(start);
  return [...seen];
}

function listSources(): string[] {
  const isSource = (path: string) => /\.tsx?$/.test(path);
  const inRooms = rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((path) =>
      join(room, path).replaceAll("\\", "/"),
    ),
  );
  const atRoot = readdirSync(root).filter((path) => path !== "next-env.d.ts");
  return [...inRooms, ...atRoot].filter((path) => isSource(path) && statSync(join(root, path)).isFile());
}
