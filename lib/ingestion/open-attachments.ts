import type { Attachment } from "#lib/ingestion/parse-protocol.ts";
import { parserProcesses } from "#lib/ingestion/parser-processes.ts";
import type { MediaType } from "#lib/ingestion/schema.ts";

interface Input {
  path: string;
  mediaType: MediaType;
  /** The first attachment that is wanted, by its place among those of the file. */
  from: number;
}

const megabyte = 1024 * 1024;
/** A page is held in memory, here and in the parser; for each one the file is read anew. */
const mostBytes = 16 * megabyte;
const wallMs = 5 * 60_000;
const memoryBytes = 1024 * megabyte;

/**
 * The next attachments that a file carries, in its order; none after the last. The same bytes give the same attachments. Opened in a
 * process of its own, as a parser is. Throws what `parseDocument` throws.
 */
export async function openAttachments(input: Input): Promise<Attachment[]> {
  return await parserProcesses.lease({ memoryBytes }, (ask) => ask("openAttachments", { ...input, mostBytes }, wallMs));
}
