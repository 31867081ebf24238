import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const docs = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** Paths in the rooms and of the files on the root. What follows a slash, a colon or a letter is part of a URL or another name. */
const inRooms = /(?<![\w./:@-])(?:app|inngest|lib|supabase|tests|docs|\.ci)\/(?:[\w./-]|\[[\w.]+\])*(?:\w|\[[\w.]+\])/g;
const onRoot = /`((?:[\w-]+\.(?:json|ts|md))|\.env\.example)`/g;

test.each(docs)("%s names no path that is gone", (doc) => {
  expect(namedPaths(read(doc)).filter((path) => !pathExists(path))).toEqual([]);
});

test("a path that is gone is seen", () => {
  const named = namedPaths(
    "See `lib/gone/away.ts`, `gone.json`, `lib/stack`, http://x/app/api and [this](docs/gone.md).",
  );
  expect(named.filter((path) => !pathExists(path))).toEqual(["lib/gone/away.ts", "docs/gone.md", "gone.json"]);
});

test(".env.example tells of every variable that the app or the launcher reads", () => {
  const declared = [...read("lib/env.ts").matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  const launcher = ["plan-stack.ts", "run-stack.ts", "main.ts"].map((name) => read(`lib/stack/${name}`)).join("\n");
  const named = [...launcher.matchAll(/(?:env\.|")([A-Z]+(?:_[A-Z]+)+)\b/g)].map(([, name]) => name);
  const ports = ["HOST", "PORT", "SUPABASE_PORT", "INNGEST_PORT", "EMBEDDINGS_PORT"];
  const explained = new Set([...read(".env.example").matchAll(/^# ([A-Z_]+)=$/gm)].map(([, name]) => name));

  expect(declared).toContain("SUPABASE_URL");
  expect(named).toContain("KNOWLEDGEBASE_DIR");
  expect([...declared, ...named, ...ports].filter((name) => !explained.has(name))).toEqual([]);
});

test("the README's configuration table has what .env.example has, and nothing else", () => {
  const explained = [...read(".env.example").matchAll(/^# ([A-Z_]+)=$/gm)].map(([, name]) => name ?? "");
  const rows = read("README.md")
    .split("\n")
    .filter((line) => /^\| `[A-Z_]+`/.test(line));
  const listed = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name ?? ""),
  );
  expect(listed.toSorted()).toEqual(explained.toSorted());
});

function namedPaths(text: string): string[] {
  return [
    ...[...text.matchAll(inRooms)].map(([path]) => path),
    ...[...text.matchAll(onRoot)].map(([, path]) => path ?? ""),
  ];
}

/** Docs may name a module without its ending, as the house does. */
function pathExists(path: string): boolean {
  return ["", ".ts", ".tsx"].some((ending) => existsSync(join(root, path + ending)));
}
