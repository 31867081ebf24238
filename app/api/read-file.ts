import type { RequestDeps } from "#app/api/answer.ts";
import { boundBody } from "#app/api/bound-body.ts";
import { tooLarge } from "#lib/documents/check-size.ts";
import { Failure } from "#lib/errors.ts";

/** What a multipart body adds to its file, at most, in bytes. */
const multipartOverhead = 64 * 1024;

/** The file of a multipart request, and its other fields. Throws `file_too_large` as soon as the body shows it. */
export async function readFile(
  { env }: Pick<RequestDeps, "env">,
  request: Request,
): Promise<{ fileName: string; bytes: Uint8Array; fields: FormData }> {
  const maxBytes = env.MAX_FILE_BYTES + multipartOverhead;
  const body = boundBody(request, maxBytes, (length) => tooLarge(env.MAX_FILE_BYTES, length));
  const fields = await body.formData().catch((cause: unknown) => {
    if (cause instanceof Failure) throw cause;
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
