import { announce } from "#app/api/announce.ts";
import { answer, parseInput, readJson } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { requestBulkReprocess } from "#lib/documents/request-bulk-reprocess.ts";
import { bulkReprocessSchema } from "#lib/documents/schema.ts";

export const POST = answer(async (deps, { request }) => {
  const filter = parseInput(bulkReprocessSchema, await readJson(request));
  const { count, eventId } = await requestBulkReprocess(deps, { ownerId: deps.caller.userId, filter });
  await announce(deps, { eventId });
  return answerJson({ count }, { status: 202 });
});
