import type { Readable } from "node:stream";
import { piecesOf } from "./pieces-of.ts";

export interface FilePart {
  name: string;
  fileName: string | undefined;
  contentType: string;
}

/** Takes what a form holds, in its order. A file's bytes come piece by piece and are never held as a whole. */
export interface FormReader {
  field: (name: string, value: string) => void;
  file: (part: FilePart) => Promise<(bytes: Buffer) => Promise<void>>;
}

const maxHeadBytes = 16 * 1024;
const maxFieldBytes = 1024 * 1024;

/** Reads a multipart/form-data body to its end. Throws when it is malformed or cut off. */
export async function readMultipart(body: Readable, contentType: string, reader: FormReader): Promise<void> {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (!boundary) throw new Error("Multipart: Boundary not found");
  const delimiter = Buffer.from(`\r\n--${boundary[1] ?? boundary[2]}`);
  // The line break that belongs to the first delimiter is what precedes the body.
  let rest: Buffer = Buffer.from("\r\n");
  let state: "content" | "delimiter" | "head" | "end" = "content";
  let part: Part = { write: async () => {}, end: () => {} };

  for await (const chunk of piecesOf(body)) {
    if (state === "end") continue;
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (true) {
      if (state === "content") {
        const end = rest.indexOf(delimiter);
        const safe = end === -1 ? Math.max(0, rest.length - delimiter.length + 1) : end;
        if (safe > 0) await part.write(rest.subarray(0, safe));
        rest = rest.subarray(safe);
        if (end === -1) break;
        part.end();
        rest = rest.subarray(delimiter.length);
        state = "delimiter";
      } else if (state === "delimiter") {
        if (rest.length < 2) break;
        const mark = rest.toString("latin1", 0, 2);
        if (mark !== "\r\n" && mark !== "--") throw new Error("Multipart: malformed delimiter");
        rest = rest.subarray(2);
        state = mark === "--" ? "end" : "head";
      } else if (state === "head") {
        const end = rest.indexOf("\r\n\r\n");
        if (end === -1 && rest.length > maxHeadBytes) throw new Error("Multipart: head of a part too long");
        if (end === -1) break;
        part = await openPart(rest.toString("utf8", 0, end), reader);
        rest = rest.subarray(end + 4);
        state = "content";
        // An empty part is followed by its delimiter at once, whose line break is the one that ended the head.
        if (rest.length >= delimiter.length - 2 && rest.indexOf(delimiter.subarray(2)) === 0) {
          rest = Buffer.concat([Buffer.from("\r\n"), rest]);
        }
      } else break;
    }
  }
  if (state !== "end") throw new Error("Multipart: unexpected end of the form");
}

interface Part {
  write: (bytes: Buffer) => Promise<void>;
  end: () => void;
}

async function openPart(head: string, reader: FormReader): Promise<Part> {
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1];
  if (disposition === undefined) throw new Error("Multipart: part without a name");
  const name = /(?:^|[;\s])name="([^"]*)"/i.exec(disposition)?.[1] ?? "";
  const fileName = /filename="([^"]*)"/i.exec(disposition)?.[1];
  const contentType = /^content-type:\s*(.+?)\s*$/im.exec(head)?.[1];
  if (fileName === undefined && contentType === undefined) return collectField(name, reader);
  const write = await reader.file({ name, fileName, contentType: contentType ?? "application/octet-stream" });
  return { write, end: () => {} };
}

function collectField(name: string, reader: FormReader): Part {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    write: async (bytes) => {
      size += bytes.length;
      if (size > maxFieldBytes) throw new Error(`Multipart: field ${JSON.stringify(name)} too long`);
      pieces.push(Buffer.from(bytes));
    },
    end: () => reader.field(name, Buffer.concat(pieces).toString("utf8")),
  };
}
