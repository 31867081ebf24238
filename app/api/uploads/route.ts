import { answer, parseInput, readJson } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { grantUpload } from "#lib/documents/grant-upload.ts";
import { uploadRequestSchema } from "#lib/documents/schema.ts";

export const POST = answer(async (deps, { request }) => {
  const input = parseInput(uploadRequestSchema, await readJson(request));
  return answerJson(await grantUpload(deps, { ownerId: deps.caller.userId, ...input }), { status: 201 });
});
