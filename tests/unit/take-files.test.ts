import { expect, test } from "vitest";
import { takeFiles } from "#app/(signed-in)/documents/take-files.ts";

type Entries = (FileSystemEntry | Error)[];

function file(name: string, error?: Error): FileSystemEntry {
  const read = (resolve: (file: File) => void, reject: (error: Error) => void) =>
    error ? reject(error) : resolve(new File(["x"], name));
  return { name, fullPath: `/${name}`, isFile: true, isDirectory: false, file: read } as never;
}

/** Hands out a hundred entries at a time, as browsers do. */
function folder(name: string, entries: Entries): FileSystemEntry {
  const createReader = () => {
    let from = 0;
    const readEntries = (resolve: (entries: Entries) => void, reject: (error: Error) => void) => {
      const some = entries.slice(from, from + 100);
      from += 100;
      if (some[0] instanceof Error) reject(some[0]);
      else resolve(some);
    };
    return { readEntries };
  };
  return { name, fullPath: `/${name}`, isFile: false, isDirectory: true, createReader } as never;
}

async function take(...entries: FileSystemEntry[]) {
  const names: string[] = [];
  const refused: [string, string][] = [];
  const items = entries.map((entry) => ({
    kind: "file",
    webkitGetAsEntry: () => entry,
    getAsFile: () => new File(["x"], entry.name),
  }));
  await takeFiles({ items } as never, {
    add: (files) => names.push(...[...files].map(({ name }) => name)),
    refuse: ({ name, problem }) => refused.push([name, problem.code]),
  });
  return { names, refused };
}

test("all files of a folder and of the folders in it are taken, but not those that are hidden", async () => {
  const many = Array.from({ length: 250 }, (_, index) => file(`${index}.txt`));
  const inner = folder("inner", [file("deep.md"), file(".DS_Store"), folder(".git", [file("config")])]);
  const { names, refused } = await take(file("beside.txt"), folder("outer", [inner, file("Thumbs.db"), ...many]));
  expect(names).toHaveLength(252);
  expect(names).toEqual(expect.arrayContaining(["beside.txt", "deep.md", "0.txt", "249.txt"]));
  expect(refused).toEqual([]);
});

test("what cannot be read is told by its name, and so is a folder without files", async () => {
  const denied = new Error("denied");
  const { names, refused } = await take(
    folder("outer", [file("locked.txt", denied), file("open.txt")]),
    folder("closed", [denied]),
    folder("empty", [file(".DS_Store"), folder("inner", [])]),
  );
  expect(names).toEqual(["open.txt"]);
  expect(refused).toEqual([
    ["locked.txt", "file_unreadable"],
    ["closed", "file_unreadable"],
    ["empty", "folder_empty"],
  ]);
});
