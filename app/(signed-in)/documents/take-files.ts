import { type Problem, unreadable } from "#app/call-api.ts";
import type { UploadQueue } from "./create-upload-queue.ts";

type Taker = Pick<UploadQueue, "add" | "refuse">;

/** What systems and programs put into folders for themselves. */
const hidden = /^\.|^~\$|^(thumbs\.db|desktop\.ini)$/i;

const folderEmpty: Problem = {
  code: "folder_empty",
  message: "There is no file in this folder.",
  action: "Check that it is the folder that you mean.",
  retryable: false,
  correlationId: null,
};

/** Hands over what was dropped, and the files in dropped folders as they are found. To be called while the event is handled. */
export async function takeFiles(transfer: DataTransfer, taker: Taker): Promise<void> {
  // Both can be asked for only now, not after the first wait.
  const items = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const isFolder = ({ entry }: { entry: FileSystemEntry | null }) => entry?.isDirectory ?? false;
  const files = items.filter((item) => !isFolder(item)).flatMap(({ file }) => file ?? []);
  if (files.length > 0) taker.add(files);
  for (const { entry } of items.filter(isFolder)) {
    const folder = entry as FileSystemDirectoryEntry;
    if ((await takeFolder(folder, taker)) === 0) taker.refuse({ name: folder.name, problem: folderEmpty });
  }
}

/** How many entries with something in them it has found. */
async function takeFolder(folder: FileSystemDirectoryEntry, taker: Taker): Promise<number> {
  const reader = folder.createReader();
  let count = 0;
  while (true) {
    const entries = await ask(reader.readEntries.bind(reader)).catch(() => null);
    if (!entries) taker.refuse({ name: folder.fullPath.slice(1), problem: unreadable });
    if (!entries || entries.length === 0) return entries ? count : count + 1;
    const shown = entries.filter(({ name }) => !hidden.test(name));
    const files = await Promise.all(shown.filter(({ isFile }) => isFile).map((entry) => readFile(entry, taker)));
    count += files.length;
    const read = files.filter((file) => file !== null);
    if (read.length > 0) taker.add(read);
    for (const entry of shown.filter(({ isDirectory }) => isDirectory))
      count += await takeFolder(entry as FileSystemDirectoryEntry, taker);
  }
}

async function readFile(entry: FileSystemEntry, taker: Taker): Promise<File | null> {
  const { file } = entry as FileSystemFileEntry;
  try {
    return await ask<File>(file.bind(entry));
  } catch {
    taker.refuse({ name: entry.fullPath.slice(1), problem: unreadable });
    return null;
  }
}

function ask<T>(call: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void): Promise<T> {
  return new Promise(call);
}
