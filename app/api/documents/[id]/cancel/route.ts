import { answer } from "#app/api/answer.ts";
import { announce, requestDeps } from "#app/api/request-deps.ts";
import { cancelDocument } from "#lib/documents/cancel-document.ts";
import { readDocument } from "#lib/documents/read-document.ts";

export const POST = answer(async (request, { params }: RouteContext<"/api/documents/[id]/cancel">) => {
  const deps = await requestDeps(request);
  const { id } = await params;
  await cancelDocument(deps, { ownerId: deps.caller.userId, documentId: id });
  await announce(deps, id);
  return Response.json({ document: await readDocument(deps.caller, id) }, { status: 202 });
});
