import { announce } from "#app/api/announce.ts";
import { answer, parseInput, type RequestDeps, readJson } from "#app/api/answer.ts";
import { acceptDirectUpload } from "#lib/documents/accept-direct-upload.ts";
import { acceptUpload } from "#lib/documents/accept-upload.ts";
import { checkSize } from "#lib/documents/check-size.ts";
import { listDocuments } from "#lib/documents/list-documents.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import type { Registered } from "#lib/documents/register-file.ts";
import { listQuerySchema, registerRequestSchema } from "#lib/documents/schema.ts";
import { Failure } from "#lib/errors.ts";

/** What a multipart body adds to its file, at most, in bytes. */
const multipartOverhead = 64 * 1024;

export const GET = answer(async (deps, { request }) => {
  const query = parseInput(listQuerySchema, Object.fromEntries(new URL(request.url).searchParams));
  return Response.json(await listDocuments(deps.caller, query));
});

export const POST = answer(async (deps, { request }) => {
  const isJson = request.headers.get("content-type")?.startsWith("application/json");
  const { documentId, duplicate } = isJson ? await acceptStored(deps, request) : await acceptMultipart(deps, request);
  await announce(deps, { documentId });
  const document = await readDocument(deps.caller, documentId);
  return Response.json(
    { document, duplicate },
    { status: duplicate ? 200 : 202, headers: { location: `/api/documents/${document.id}` } },
  );
});

async function acceptStored(deps: RequestDeps, request: Request): Promise<Registered> {
  const input = parseInput(registerRequestSchema, await readJson(request));
  return await acceptDirectUpload(deps, { ownerId: deps.caller.userId, ...input });
}

async function acceptMultipart(deps: RequestDeps, request: Request): Promise<Registered> {
  // Told by its length, a body that is too large is refused unread.
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > deps.env.MAX_FILE_BYTES + multipartOverhead) checkSize(length, deps.env.MAX_FILE_BYTES);
  const form = await request.formData().catch((cause: unknown) => {
    throw new Failure("request_invalid", { detail: "The body is not multipart/form-data.", cause });
  });
  const file = form.get("file");
  const title = form.get("title");
  if (!(file instanceof File))
    throw new Failure("request_invalid", { detail: "There is no file in the field 'file'." });
  return await acceptUpload(deps, {
    ownerId: deps.caller.userId,
    fileName: file.name,
    title: typeof title === "string" ? title : undefined,
    bytes: new Uint8Array(await file.arrayBuffer()),
  });
}
