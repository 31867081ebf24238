import { answer, parseInput, readJson } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { isJson, readFile } from "#app/api/read-file.ts";
import { estimateFile } from "#lib/documents/estimate-file.ts";
import { holdUpload } from "#lib/documents/hold-upload.ts";
import { estimateRequestSchema } from "#lib/documents/schema.ts";

export const POST = answer(async (deps, { request }) => {
  const { fileName, bytes } = isJson(request)
    ? await holdUpload(deps, {
        ownerId: deps.caller.userId,
        ...parseInput(estimateRequestSchema, await readJson(request)),
      })
    : await readFile(deps, request);
  return answerJson(await estimateFile(deps, { fileName, bytes, signal: request.signal }));
});
