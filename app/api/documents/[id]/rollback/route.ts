import { answer } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import { rollBack } from "#lib/documents/roll-back.ts";

export const POST = answer<RouteContext<"/api/documents/[id]/rollback">>(async (deps, { params }) => {
  const { id } = await params;
  await rollBack(deps, { ownerId: deps.caller.userId, documentId: id });
  return answerJson({ document: await readDocument(deps.caller, id) });
});
