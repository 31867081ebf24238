import { answer } from "#app/api/answer.ts";
import { announce, requestDeps } from "#app/api/request-deps.ts";
import { deleteDocument } from "#lib/documents/delete-document.ts";
import { readDocument } from "#lib/documents/read-document.ts";

type Context = RouteContext<"/api/documents/[id]">;

export const GET = answer(async (request, { params }: Context) => {
  const { caller } = await requestDeps(request);
  return Response.json({ document: await readDocument(caller, (await params).id) });
});

export const DELETE = answer(async (request, { params }: Context) => {
  const deps = await requestDeps(request);
  const { id } = await params;
  await deleteDocument(deps, { ownerId: deps.caller.userId, documentId: id });
  await announce(deps, id);
  return Response.json({ deleted: true }, { status: 202 });
});
