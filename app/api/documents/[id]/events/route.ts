import { answer } from "#app/api/answer.ts";
import { sendJson } from "#app/api/send-json.ts";
import { listEvents } from "#lib/documents/list-events.ts";
import { readDocument } from "#lib/documents/read-document.ts";

export const GET = answer<RouteContext<"/api/documents/[id]/events">>(async (deps, { params }) => {
  const { id } = await readDocument(deps.caller, (await params).id);
  return sendJson({ events: await listEvents(deps.caller, { documentId: id }) });
});
