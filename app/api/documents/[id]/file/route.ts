import { answer } from "#app/api/answer.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import { signOriginal } from "#lib/documents/sign-original.ts";

export const GET = answer<RouteContext<"/api/documents/[id]/file">>(async (deps, { params }) => {
  const { id } = await readDocument(deps.caller, (await params).id);
  return new Response(null, {
    status: 302,
    headers: { location: await signOriginal(deps.caller, { documentId: id }) },
  });
});
