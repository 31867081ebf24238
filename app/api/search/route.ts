import { answer, parseInput } from "#app/api/answer.ts";
import { requestDeps } from "#app/api/request-deps.ts";
import { searchQuerySchema } from "#lib/search/schema.ts";
import { search } from "#lib/search/search.ts";

export const GET = answer(async (request) => {
  const { caller, embedder } = await requestDeps(request);
  const query = parseInput(searchQuerySchema, Object.fromEntries(new URL(request.url).searchParams));
  return Response.json({ results: await search({ supabase: caller.supabase, embedder }, query) });
});
