import type { RequestDeps } from "#app/api/answer.ts";
import { checkSize } from "#lib/documents/check-size.ts";
import { Failure } from "#lib/errors.ts";

/** What a multipart body adds to its file, at most, in bytes. */
const multipartOverhead = 64 * 1024;

/** The file of a multipart request, and its other fields. Told by its length, a body that is too large is refused unread. */
export async function readFile(
  { env }: RequestDeps,
  request: Request,
): Promise<{ fileName: string; bytes: Uint8Array; fields: FormData }> {
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > env.MAX_FILE_BYTES + multipartOverhead) checkSize(length, env.MAX_FILE_BYTES);
  const fields = await request.formData().catch((cause: unknown) => {
    throw new Failure("request_invalid", { detail: "The body is not multipart/form-data.", cause });
  });
  const file = fields.get("file");
  if (!(file instanceof File))
    throw new Failure("request_invalid", { detail: "There is no file in the field 'file'." });
  return { fileName: file.name, bytes: new Uint8Array(await file.arrayBuffer()), fields };
}

export function isJson(request: Request): boolean {
  return request.headers.get("content-type")?.startsWith("application/json") ?? false;
}
