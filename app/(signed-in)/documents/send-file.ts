import { offline, type Problem, readProblem } from "#app/call-api.ts";
import { acceptedSchema, uploadGrantSchema } from "#lib/documents/schema.ts";

/** Larger files go straight to Storage: hosts cap the body of a request (Vercel at 4.5 MB). */
const directFrom = 4 * 1024 * 1024;

type Sent = { duplicate: boolean; problem: null } | { duplicate: false; problem: Problem };

/** Sends one file and registers it. `onProgress` gets the share that has left the browser, 0 to 1. */
export async function sendFile(file: File, onProgress: (share: number) => void): Promise<Sent> {
  try {
    const answer = file.size >= directFrom ? await sendDirect(file, onProgress) : await sendMultipart(file, onProgress);
    if (answer.status >= 400) return { duplicate: false, problem: readProblem(answer.text) };
    return { duplicate: acceptedSchema.parse(JSON.parse(answer.text)).duplicate, problem: null };
  } catch {
    return { duplicate: false, problem: offline };
  }
}

interface Answer {
  status: number;
  text: string;
}

function sendMultipart(file: File, onProgress: (share: number) => void): Promise<Answer> {
  const body = new FormData();
  body.set("file", file);
  return send("POST", "/api/documents", body, {}, onProgress);
}

async function sendDirect(file: File, onProgress: (share: number) => void): Promise<Answer> {
  const granted = await sendJson("/api/uploads", { fileName: file.name, sizeBytes: file.size });
  if (granted.status >= 400) return granted;
  const { uploadId, signedUrl } = uploadGrantSchema.parse(JSON.parse(granted.text));
  const headers = { "content-type": file.type || "application/octet-stream" };
  const stored = await send("PUT", signedUrl, file, headers, onProgress);
  if (stored.status >= 400) throw new Error(`Storage answered ${stored.status}.`);
  return await sendJson("/api/documents", { uploadId });
}

function sendJson(path: string, value: unknown): Promise<Answer> {
  return send("POST", path, JSON.stringify(value), { "content-type": "application/json" }, () => undefined);
}

/** XMLHttpRequest, because fetch does not tell how much of a body has been sent. */
function send(
  method: string,
  url: string,
  body: XMLHttpRequestBodyInit,
  headers: Record<string, string>,
  onProgress: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new Error("The connection broke."));
    request.send(body);
  });
}
