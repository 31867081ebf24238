import { z } from "zod";
import { answer, parseInput } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { listChunks } from "#lib/documents/list-chunks.ts";
import { readDocument } from "#lib/documents/read-document.ts";
import { inputId } from "#lib/input.ts";

/** The largest number that the database counts passages with. */
const maxOrdinal = 2_147_483_647;

const querySchema = z.object({
  around: inputId.optional(),
  before: z.coerce.number().int().min(1).max(maxOrdinal).optional(),
  cursor: z.coerce.number().int().min(0).max(maxOrdinal).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const GET = answer<RouteContext<"/api/documents/[id]/chunks">>(async (deps, { request, params }) => {
  const page = parseInput(querySchema, Object.fromEntries(new URL(request.url).searchParams));
  const { id } = await readDocument(deps.caller, (await params).id);
  return answerJson(await listChunks(deps.caller, { ...page, documentId: id }));
});
