import { answer } from "#app/api/answer.ts";
import { requestDeps } from "#app/api/request-deps.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import { signOriginal } from "#lib/documents/sign-original.ts";

export const GET = answer(async (request, { params }: RouteContext<"/api/documents/[id]/file">) => {
  const { caller } = await requestDeps(request);
  const { id } = await readDocument(caller, (await params).id);
  return Response.redirect(await signOriginal(caller, { documentId: id }), 302);
});
