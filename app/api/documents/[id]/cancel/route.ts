import { announce } from "#app/api/announce.ts";
import { answer } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { cancelDocument } from "#lib/documents/cancel-document.ts";
import { readDocument } from "#lib/documents/read-document.ts";

export const POST = answer<RouteContext<"/api/documents/[id]/cancel">>(async (deps, { params }) => {
  const { id } = await params;
  await cancelDocument(deps, { ownerId: deps.caller.userId, documentId: id });
  await announce(deps, { documentId: id });
  return answerJson({ document: await readDocument(deps.caller, id) }, { status: 202 });
});
