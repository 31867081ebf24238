import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { copyFile, type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { syncDirectory } from "./write-file-durably.ts";

/** What of an upload is held in memory until it is written: pieces of 64 kB, as the network gives them, take three times as long one by one. */
const draftBytes = 1024 * 1024;

/**
 * The files of the objects, by version. A version is written once and never changed, so a reader has the whole old file or
 * the whole new one. The row in storage.objects decides which versions exist; a file without a row is rubbish of a crash.
 */
export interface FileStore {
  /** Where an upload is written to until it is whole. */
  draft(version: string): Writable;
  discard(version: string): Promise<void>;
  /** Turns the draft into the file of the version. When this resolves, neither a crash nor a kill loses it. */
  commit(version: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  open(version: string): Promise<FileHandle>;
  remove(versions: string[]): Promise<void>;
  /** Removes the files of all versions that are not in use. Answers how many. */
  sweep(inUse: Set<string>): Promise<number>;
}

export function createFileStore(directory: string): FileStore {
  const drafts = join(directory, "drafts");
  const pathOf = (version: string) => join(directory, "objects", version.slice(0, 2), version);
  rmSync(drafts, { recursive: true, force: true });
  mkdirSync(drafts, { recursive: true, mode: 0o700 });
  mkdirSync(join(directory, "objects"), { recursive: true, mode: 0o700 });

  const commit = async (version: string) => {
    const path = pathOf(version);
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(join(drafts, version), path);
    await syncDirectory(dirname(path));
    if (made !== undefined) await syncDirectory(join(directory, "objects"));
  };
  return {
    draft: (version) =>
      createWriteStream(join(drafts, version), { flush: true, mode: 0o600, highWaterMark: draftBytes }),
    discard: (version) => rm(join(drafts, version), { force: true }),
    commit,
    copy: async (from, to) => {
      await copyFile(pathOf(from), join(drafts, to));
      const copy = await open(join(drafts, to), "r+");
      await copy.sync().finally(() => copy.close());
      await commit(to);
    },
    open: (version) => open(pathOf(version), "r"),
    remove: async (versions) => {
      for (const version of versions) await rm(pathOf(version), { force: true });
    },
    sweep: async (inUse) => {
      const files = await readdir(join(directory, "objects"), { recursive: true, withFileTypes: true });
      const rubbish = files.filter((file) => file.isFile() && !inUse.has(file.name));
      for (const file of rubbish) await rm(join(file.parentPath, file.name), { force: true });
      return rubbish.length;
    },
  };
}
