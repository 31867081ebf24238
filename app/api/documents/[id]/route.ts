import { announce } from "#app/api/announce.ts";
import { answer } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { deleteDocument } from "#lib/documents/delete-document.ts";
import { readDocument } from "#lib/documents/read-document.ts";

type Context = RouteContext<"/api/documents/[id]">;

export const GET = answer<Context>(async (deps, { params }) => {
  return answerJson({ document: await readDocument(deps.caller, (await params).id) });
});

export const DELETE = answer<Context>(async (deps, { params }) => {
  const { id } = await params;
  await deleteDocument(deps, { ownerId: deps.caller.userId, documentId: id });
  await announce(deps, { documentId: id });
  return answerJson({ deleted: true }, { status: 202 });
});
