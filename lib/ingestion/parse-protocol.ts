import type { FailureCode } from "#lib/errors.ts";
import type { PagedHead, PageRecord, RecognisedPage } from "#lib/ingestion/pages/schema.ts";
import type { ParserContext } from "#lib/ingestion/parser.ts";
import type { MediaType, PagedType, ParsedWindow, ParserOutput, WholeType } from "#lib/ingestion/schema.ts";

/** What a document may take before its parser is stopped. */
export interface ParseLimits {
  /** For all of the document's text, in milliseconds; what is recognised in images has a limit a page. */
  wallMs: number;
  memoryBytes: number;
  maxPages: number;
  maxCharacters: number;
}

interface PagedFile {
  path: string;
  mediaType: PagedType;
}

/** A file's bytes, or where they lie. */
export type FileContent = { path: string } | { bytes: Uint8Array };

type WholeFile = FileContent & { mediaType: WholeType; fileName: string };

/** A file that another one carries. */
export interface Attachment {
  name: string;
  bytes: Uint8Array;
}

export interface AttachmentsRequest {
  path: string;
  mediaType: MediaType;
  /** The first attachment that is wanted, by its place among those of the file. */
  from: number;
  /** Where the page ends, in bytes; it holds one attachment at least. */
  mostBytes: number;
}

/** What a parser's process can be asked for, and what it answers. Pages are read of the file that was opened last. */
export interface ParseTasks {
  /** Windows come before the answer. */
  parse: { request: WholeFile & Omit<ParserContext, "onWindow">; answer: ParserOutput };
  openPages: { request: PagedFile; answer: PagedHead };
  readPages: { request: { from: number; to: number }; answer: PageRecord[] };
  openAttachments: { request: AttachmentsRequest; answer: Attachment[] };
  closePages: { request: object; answer: null };
  recognisePage: { request: PagedFile & { page: number; languages: string }; answer: RecognisedPage };
}

export type ParseTask = keyof ParseTasks;

export interface ParseRequest<T extends ParseTask = ParseTask> {
  task: T;
  request: ParseTasks[T]["request"];
}

/** A window is followed by more; of the others there is one a request. */
export type ParseReply =
  | { type: "window"; window: ParsedWindow; end: number }
  | { type: "done"; answer: ParseTasks[ParseTask]["answer"] }
  | { type: "failed"; code: FailureCode; detail: string; reason: string };
