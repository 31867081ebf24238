import type { Readable } from "node:stream";

/**
 * The bytes of a request, piece by piece. Whoever stops in the middle leaves the connection whole: a plain `for await` over a
 * request would destroy it, and with it the answer that says why, or the client's next request.
 */
export function piecesOf(body: Readable): AsyncIterable<Buffer> {
  return body.iterator({ destroyOnReturn: false });
}
