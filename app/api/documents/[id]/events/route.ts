import { answer } from "#app/api/answer.ts";
import { requestDeps } from "#app/api/request-deps.ts";
import { listEvents } from "#lib/documents/list-events.ts";
import { readDocument } from "#lib/documents/read-document.ts";

export const GET = answer(async (request, { params }: RouteContext<"/api/documents/[id]/events">) => {
  const { caller } = await requestDeps(request);
  const { id } = await readDocument(caller, (await params).id);
  return Response.json({ events: await listEvents(caller, { documentId: id }) });
});
