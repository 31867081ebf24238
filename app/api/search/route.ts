import { answer, parseInput } from "#app/api/answer.ts";
import { answerJson } from "#app/api/answer-json.ts";
import { searchQuerySchema } from "#lib/search/schema.ts";
import { search } from "#lib/search/search.ts";

export const GET = answer(async (deps, { request }) => {
  const query = parseInput(searchQuerySchema, Object.fromEntries(new URL(request.url).searchParams));
  return answerJson({ results: await search({ supabase: deps.caller.supabase, embedder: deps.embedder }, query) });
});
