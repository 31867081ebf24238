import { offline, type Problem, readProblem, unreadable } from "#app/call-api.ts";
import { acceptedSchema, type Estimate, estimateSchema, uploadGrantSchema } from "#lib/documents/schema.ts";

/** Larger files go straight to Storage (hosts cap the body of a request, Vercel at 4.5 MB), and their cost is estimated. */
const directFrom = 1024 * 1024;

type Sent =
  | { outcome: "accepted" | "duplicate" | "declined"; problem: null }
  | { outcome: "refused"; problem: Problem };

interface Listener {
  /** Breaks the sending off; what the promise then says means nothing. */
  signal: AbortSignal;
  /** Gets the share that has left the browser, 0 to 1. */
  onProgress: (share: number) => void;
  onEstimating: () => void;
  /** Whether the file is to be embedded at that cost. */
  consent: (estimate: Estimate) => Promise<boolean>;
}

/** Sends one file and registers it. */
export async function sendFile(file: File, listener: Listener): Promise<Sent> {
  try {
    const answer = file.size >= directFrom ? await sendDirect(file, listener) : await sendMultipart(file, listener);
    if (answer === "declined") return { outcome: "declined", problem: null };
    if (answer.status >= 400) return { outcome: "refused", problem: readProblem(answer.text) };
    const { duplicate } = acceptedSchema.parse(JSON.parse(answer.text));
    return { outcome: duplicate ? "duplicate" : "accepted", problem: null };
  } catch {
    return { outcome: "refused", problem: (await isReadable(file)) ? offline : unreadable };
  }
}

/** A folder, or a file that was changed or removed since it was chosen, breaks a request as a lost connection does. */
async function isReadable(file: File): Promise<boolean> {
  const reader = file.stream().getReader();
  try {
    await reader.read();
    return true;
  } catch {
    return false;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

interface Answer {
  status: number;
  text: string;
}

function sendMultipart(file: File, listener: Listener): Promise<Answer> {
  const body = new FormData();
  body.set("file", file);
  return send("POST", "/api/documents", body, {}, listener);
}

async function sendDirect(file: File, listener: Listener): Promise<Answer | "declined"> {
  const { signal, onEstimating, consent } = listener;
  const granted = await sendJson("/api/uploads", { fileName: file.name, sizeBytes: file.size }, signal);
  if (granted.status >= 400) return granted;
  const { uploadId, signedUrl } = uploadGrantSchema.parse(JSON.parse(granted.text));
  const headers = { "content-type": file.type || "application/octet-stream" };
  const stored = await send("PUT", signedUrl, file, headers, listener);
  if (stored.status >= 400) return stored;
  onEstimating();
  const estimated = await sendJson("/api/documents/estimate", { uploadId }, signal);
  // Why it cannot be estimated, the document itself tells better.
  if (estimated.status < 400 && !(await consent(estimateSchema.parse(JSON.parse(estimated.text))))) return "declined";
  return await sendJson("/api/documents", { uploadId }, signal);
}

function sendJson(path: string, value: unknown, signal: AbortSignal): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  return send("POST", path, JSON.stringify(value), headers, { signal, onProgress: () => undefined });
}

/** XMLHttpRequest, because fetch does not tell how much of a body has been sent. */
function send(
  method: string,
  url: string,
  body: XMLHttpRequestBodyInit,
  headers: Record<string, string>,
  { signal, onProgress }: Pick<Listener, "signal" | "onProgress">,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new Error("The connection broke."));
    request.onabort = () => reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}
