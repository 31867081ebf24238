import { answer } from "#app/api/answer.ts";
import { sendJson } from "#app/api/send-json.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import { rollBack } from "#lib/documents/roll-back.ts";

export const POST = answer<RouteContext<"/api/documents/[id]/rollback">>(async (deps, { params }) => {
  const { id } = await params;
  await rollBack(deps, { ownerId: deps.caller.userId, documentId: id });
  return sendJson({ document: await readDocument(deps.caller, id) });
});
