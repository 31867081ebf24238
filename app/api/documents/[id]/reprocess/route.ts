import { announce } from "#app/api/announce.ts";
import { answer } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import { requestReprocess } from "#lib/documents/request-reprocess.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";

export const POST = answer<RouteContext<"/api/documents/[id]/reprocess">>(async (deps, { params }) => {
  const { id } = await params;
  const settings = pipelineSettings(deps.env);
  const { jobId } = await requestReprocess(deps, { ownerId: deps.caller.userId, documentId: id, settings });
  await announce(deps, { jobId });
  return answerJson({ document: await readDocument(deps.caller, id) }, { status: 202 });
});
