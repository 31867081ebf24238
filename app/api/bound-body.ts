import type { Failure } from "#lib/errors.ts";

/**
 * A request whose body is not read further than `maxBytes`; where it has more, reading it ends with what `refuse` answers. Told by its
 * length, it is refused unread; without one it is counted as it comes.
 */
export function boundBody(request: Request, maxBytes: number, refuse: (length?: number) => Failure): Request {
  const length = request.headers.get("content-length");
  if (length !== null) {
    if (Number(length) > maxBytes) throw refuse(Number(length));
    // The server reads no more than that.
    return request;
  }
  if (!request.body) return request;
  let read = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      read += chunk.byteLength;
      if (read > maxBytes) controller.error(refuse());
      else controller.enqueue(chunk);
    },
  });
  const { method, headers, url } = request;
  return new Request(url, { method, headers, body: request.body.pipeThrough(counted), duplex: "half" } as RequestInit);
}
