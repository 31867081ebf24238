import { answer } from "#app/api/answer.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import { signOriginal } from "#lib/documents/sign-original.ts";

export const GET = answer(async (deps, { params }: RouteContext<"/api/documents/[id]/file">) => {
  const { id } = await readDocument(deps.caller, (await params).id);
  return new Response(null, {
    status: 302,
    headers: { location: await signOriginal(deps.caller, { documentId: id }) },
  });
});
