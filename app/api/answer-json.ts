interface Options {
  status?: number;
  headers?: Record<string, string>;
}

/** What a new connection carries at once (ten packets): an answer of no more than that is there no sooner for being shorter. */
const shortBytes = 14_000;

/** A JSON answer. A short one is not compressed: that takes longer than to send it, and many times as long where processors are busy. */
export function answerJson(value: unknown, { status = 200, headers = {} }: Options = {}): Response {
  const body = JSON.stringify(value);
  const isShort = Buffer.byteLength(body) <= shortBytes;
  return new Response(body, {
    status,
    headers: {
      "content-type": "application/json",
      ...(isShort ? { "cache-control": "no-transform" } : {}),
      ...headers,
    },
  });
}
