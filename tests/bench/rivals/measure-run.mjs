import { json } from "node:stream/consumers";

/**
 * Runs an ingestion as standard input tells it, and prints what it took as one line of JSON. `ingest` answers with the number of
 * passages that it made. The time goes from the reading of the first file to the last row that is stored: what starts Node and
 * loads modules is not in it.
 */
export async function measureRun(ingest) {
  const order = await json(process.stdin);
  const seen = watchRequests(order);
  const start = performance.now();
  const chunks = await ingest(order);
  const totalMs = performance.now() - start;
  const { requests, firstStoredAt } = seen;
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ totalMs, firstMs: firstStoredAt - start, chunks, requests, peakRssBytes }));
}

/** Sees what is asked of the provider and when a row is first stored, with no option of the library changed for it. */
function watchRequests({ openaiUrl, supabaseUrl }) {
  const seen = { requests: 0, firstStoredAt: Number.NaN };
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (url.startsWith(openaiUrl)) seen.requests += 1;
    const response = await send(input, init);
    if (url.startsWith(supabaseUrl) && response.ok && Number.isNaN(seen.firstStoredAt)) {
      seen.firstStoredAt = performance.now();
    }
    return response;
  };
  return seen;
}
