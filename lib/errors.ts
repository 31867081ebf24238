/**
 * Where it comes up, the HTTP status, whether a repeat can help, what happened, and what the user can do: one row a code, and no code
 * beside these. `engine` is where no user looks. The action must be true while a document waits and after it has failed.
 */
interface FailureRow {
  readonly where: "request" | "upload" | "queue" | "download" | "parse" | "embed" | "publish" | "any" | "engine";
  readonly status: number;
  readonly retry?: true;
  /** A service is away: it is tried again, and a job that ended so is asked for again when its tries are used up. */
  readonly outage?: true;
  readonly message: string;
  readonly action: string;
}

const later = "Try again in a few minutes; reprocess the document if it has failed.";
const byItself = "It is tried again by itself for a while; reprocess the document if it stays so.";

const failures = {
  request_invalid: {
    where: "request",
    status: 400,
    message: "The request is not of the form that this call takes.",
    action: "Correct the request as the detail says, and send it again.",
  },
  unauthenticated: {
    where: "request",
    status: 401,
    message: "Nobody is signed in.",
    action: "Sign in, or send a valid access token, and try again.",
  },
  document_not_found: {
    where: "request",
    status: 404,
    message: "There is no such document.",
    action: "Check the id, or upload the file again.",
  },
  upload_not_found: {
    where: "upload",
    status: 404,
    message: "There is no such upload, or its file has not arrived.",
    action: "Ask for a new upload, send the file to its URL, then register it.",
  },
  document_busy: {
    where: "request",
    status: 409,
    message: "The document is not in a state that allows this.",
    action: "Look at its status: only work that has not ended can be cancelled, and all else waits until it has.",
  },
  rollback_unavailable: {
    where: "request",
    status: 409,
    message: "No earlier index of this document is kept.",
    action: "Reprocess the document instead.",
  },
  file_empty: {
    where: "upload",
    status: 422,
    message: "The file has no content.",
    action: "Check that the file was saved completely, and upload it again.",
  },
  file_too_large: {
    where: "upload",
    status: 413,
    message: "The file is larger than the limit.",
    action: "Split the file, or ask the operator to raise the limit.",
  },
  media_type_unsupported: {
    where: "upload",
    status: 415,
    message: "Files of this type cannot be read.",
    action:
      "Upload a file of one of these types: PDF (.pdf), Word (.docx), PowerPoint (.pptx), Excel (.xlsx), OpenDocument text (.odt), OpenDocument slides (.odp), OpenDocument sheet (.ods), Rich Text (.rtf), EPUB (.epub), E-mail (.eml), Mailbox (.mbox), PNG (.png), JPEG (.jpg), WebP (.webp), GIF (.gif), HTML (.html), Markdown (.md), CSV (.csv), TSV (.tsv), JSON (.json), JSON Lines (.jsonl), Source code (.ts .py .java .go .sql …), Text (.txt).",
  },
  media_type_mismatch: {
    where: "upload",
    status: 415,
    message: "The content of the file is not what its name says.",
    action: "Give the file the ending that fits its content, or export it again, and upload it.",
  },
  file_encrypted: {
    where: "parse",
    status: 422,
    message: "The file is protected by a password.",
    action: "Remove the password and upload the file again.",
  },
  file_corrupt: {
    where: "parse",
    status: 422,
    message: "The file is damaged or cut short and cannot be read.",
    action: "Open it in its own program, save it again, and upload the new file.",
  },
  file_too_complex: {
    where: "parse",
    status: 422,
    message: "Reading the file took more time or memory than is allowed.",
    action: "Split the file or export it in a simpler form, and upload that.",
  },
  text_missing: {
    where: "parse",
    status: 422,
    message: "The file was read, but there is no text in it.",
    action:
      "Check that it is the right file; if it holds scanned pages, see that they are sharp, upright and in a language that is recognised here. Then upload it again.",
  },
  source_missing: {
    where: "download",
    status: 410,
    message: "The stored original of the document is gone.",
    action: "Delete the document and upload the file again.",
  },
  storage_unavailable: {
    where: "any",
    status: 503,
    outage: true,
    message: "The file storage does not answer.",
    action: byItself,
  },
  database_unavailable: {
    where: "any",
    status: 503,
    outage: true,
    message: "The database does not answer.",
    action: byItself,
  },
  dispatch_failed: {
    where: "queue",
    status: 503,
    retry: true,
    message: "The document is stored, but the workflow engine could not be reached to start on it.",
    action: "Nothing to do: it starts by itself as soon as the engine is back.",
  },
  app_unreachable: {
    where: "any",
    status: 503,
    outage: true,
    message: "The workflow engine could not reach the app.",
    action: byItself,
  },
  embedding_rate_limited: {
    where: "embed",
    status: 429,
    outage: true,
    message: "The embeddings provider asks us to wait.",
    action: byItself,
  },
  embedding_quota_exceeded: {
    where: "embed",
    status: 402,
    message: "The account at the embeddings provider has no quota left.",
    action: "Ask the operator to add quota, then try again or reprocess the document.",
  },
  embedding_unauthorized: {
    where: "embed",
    status: 502,
    message: "The embeddings provider refused our key.",
    action: "Ask the operator to check OPENAI_API_KEY, then try again or reprocess the document.",
  },
  embedding_unavailable: {
    where: "embed",
    status: 503,
    outage: true,
    message: "The embeddings provider does not answer.",
    action: byItself,
  },
  embedding_input_rejected: {
    where: "embed",
    status: 502,
    message: "The embeddings provider refused a text that it was sent.",
    action: "Try again or reprocess the document; if it happens again, tell the operator.",
  },
  embedding_response_invalid: {
    where: "embed",
    status: 502,
    retry: true,
    message: "The embeddings provider answered with vectors that cannot be right.",
    action: `${later} If it stays, tell the operator.`,
  },
  embedding_dimension_mismatch: {
    where: "embed",
    status: 502,
    message: "The embedding model answers with vectors of another length than the index holds.",
    action:
      "Ask the operator to check EMBEDDING_MODEL and EMBEDDING_DIMENSIONS, then try again or reprocess the document.",
  },
  embedding_incomplete: {
    where: "publish",
    status: 500,
    message: "Not every passage has its vector, so the document was not published.",
    action: "Reprocess the document; if it happens again, tell the operator.",
  },
  stalled: {
    where: "any",
    status: 500,
    retry: true,
    message: "The ingestion stopped without a sign of life, and so did every further try.",
    action: "Reprocess the document; if it stalls again, tell the operator.",
  },
  job_superseded: {
    where: "engine",
    status: 409,
    message: "This ingestion was cancelled, replaced by a newer one, or its document was deleted.",
    action: "Nothing to do: the document shows what is true of it.",
  },
  internal: {
    where: "any",
    status: 500,
    retry: true,
    message: "Something went wrong on our side.",
    action: "Try again, or reprocess the document; if it stays, tell the operator the correlation id.",
  },
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof failures;

const rows: Readonly<Record<FailureCode, FailureRow>> = failures;

/** What a reader of a failure sees: never a stack trace, never a foreign message. */
export interface FailureView {
  code: FailureCode;
  message: string;
  action: string;
  retryable: boolean;
}

interface FailureOptions {
  cause?: unknown;
  /** One sentence for the user about this very case; the row's message when left out. */
  detail?: string;
  /** How long the other side asked us to wait, in milliseconds. */
  retryAfterMs?: number;
}

/** An expected failure. Its message carries its code, so that it survives being sent through the workflow engine as text. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: FailureCode, options: FailureOptions = {}) {
    // Of what nobody foresaw, nobody knows what its words would give away.
    const detail = (code === "internal" ? undefined : options.detail) ?? failures[code].message;
    super(`[${code}] ${detail}`, { cause: options.cause });
    this.name = "Failure";
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return failures[this.code].status;
  }

  get retry(): boolean {
    const { retry, outage } = rows[this.code];
    return retry ?? outage ?? false;
  }
}

function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === "string" && Object.hasOwn(failures, value);
}

/** The failure behind any thrown value, also one that came back from the workflow engine as text; unknown ones are `internal`. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const text = thrown instanceof Error ? thrown.message : "";
  const [, code, detail] = /^\[([a-z_]+)\] (.*)$/s.exec(text) ?? [];
  if (isFailureCode(code) && detail !== undefined) return new Failure(code, { detail, cause: thrown });
  return new Failure("internal", { cause: thrown });
}

export function viewFailure(failure: Failure): FailureView {
  return { code: failure.code, message: failure.detail, action: rows[failure.code].action, retryable: failure.retry };
}

/** A failure as it was stored: the words about the case are kept, all else is the table's. What the table does not know is `internal`. */
export function viewStoredFailure(stored: { code: string; message: string } | undefined): FailureView {
  const known = stored && isFailureCode(stored.code) ? new Failure(stored.code, { detail: stored.message }) : null;
  return viewFailure(known ?? new Failure("internal"));
}

export const failureCodes = Object.keys(failures).filter(isFailureCode);

export const outageCodes = failureCodes.filter((code) => rows[code].outage);

/** Whether a document that ended with this code may end otherwise when it is reprocessed as it is: what was wrong is not its file. */
export function mayReprocessHelp(code: string): boolean {
  const { where } = rows[isFailureCode(code) ? code : "internal"];
  return where !== "upload" && where !== "download" && where !== "parse";
}

/** A row of the table, for the page that explains the codes (`docs/errors.md`). */
export function describeFailure(code: FailureCode): Omit<FailureRow, "retry"> & { retry: boolean } {
  return { ...rows[code], retry: new Failure(code).retry };
}
