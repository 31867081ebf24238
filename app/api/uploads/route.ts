import { answer, parseInput, readJson } from "#app/api/answer.ts";
import { sendJson } from "#app/api/send-json.ts";
import { grantUpload } from "#lib/documents/grant-upload.ts";
import { uploadRequestSchema } from "#lib/documents/schema.ts";

export const POST = answer(async (deps, { request }) => {
  const input = parseInput(uploadRequestSchema, await readJson(request));
  return sendJson(await grantUpload(deps, { ownerId: deps.caller.userId, ...input }), { status: 201 });
});
