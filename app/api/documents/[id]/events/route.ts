import { answer } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { listEvents } from "#lib/documents/list-events.ts";
import { readDocument } from "#lib/documents/read-document.ts";

export const GET = answer<RouteContext<"/api/documents/[id]/events">>(async (deps, { params }) => {
  const { id } = await readDocument(deps.caller, (await params).id);
  return answerJson({ events: await listEvents(deps.caller, { documentId: id }) });
});
