import { after } from "next/server";
import { announce } from "#app/api/announce.ts";
import { answer, parseInput, type RequestDeps, readJson } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { isJson, readFile } from "#app/api/read-file.ts";
import { acceptDirectUpload } from "#lib/documents/accept-direct-upload.ts";
import { acceptUpload } from "#lib/documents/accept-upload.ts";
import { listDocuments } from "#lib/documents/list-documents.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import type { Registered } from "#lib/documents/register-file.ts";
import { listQuerySchema, registerRequestSchema } from "#lib/documents/schema.ts";

export const GET = answer(async (deps, { request }) => {
  const query = parseInput(listQuerySchema, Object.fromEntries(new URL(request.url).searchParams));
  return answerJson(await listDocuments(deps.caller, query));
});

export const POST = answer(async (deps, { request }) => {
  const { documentId, duplicate, created, storedMs } = isJson(request)
    ? { ...(await acceptStored(deps, request)), storedMs: 0 }
    : await acceptMultipart(deps, request);
  // The file is safe, and so is the event: whoever uploads need not wait for the engine. The document shows it where that is not reached.
  if (created) after(() => announce(deps, created.event));
  else await announce(deps, { documentId });
  const document = created?.document ?? (await readDocument(deps.caller, documentId));
  return answerJson(
    { document, duplicate },
    {
      status: duplicate ? 200 : 202,
      headers: {
        location: `/api/documents/${document.id}`,
        "server-timing": `object;dur=${storedMs.toFixed(1)}`,
      },
    },
  );
});

async function acceptStored(deps: RequestDeps, request: Request): Promise<Registered> {
  const input = parseInput(registerRequestSchema, await readJson(request));
  return await acceptDirectUpload(deps, { ownerId: deps.caller.userId, ...input });
}

async function acceptMultipart(deps: RequestDeps, request: Request): ReturnType<typeof acceptUpload> {
  const { fileName, bytes, fields } = await readFile(deps, request);
  const title = fields.get("title");
  return await acceptUpload(deps, {
    ownerId: deps.caller.userId,
    fileName,
    title: typeof title === "string" ? title : undefined,
    bytes,
  });
}
