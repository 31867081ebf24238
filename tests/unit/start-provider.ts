import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  input: string[];
  dimensions?: number;
  encoding_format?: string;
}

/** What a server answers in place of vectors: a body that is text is sent as it is, all else as JSON. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** A server of embeddings that answers as a test tells it; each vector tells its text by the first number. */
export async function startProvider() {
  const provider = {
    url: "",
    asked: [] as Asked[],
    length: 2,
    /** What is answered in place of vectors. */
    answer: (_asked: Asked): Answer | undefined => undefined,
    /** What has to happen before it answers. */
    wait: async (_asked: Asked, _isGone: () => boolean): Promise<void> => {},
    data: ({ input, encoding_format: format }: Asked): object[] =>
      input.map((text, index) => {
        const vector = Array.from({ length: provider.length }, (_, place) => (place === 0 ? text.length : 1));
        const encoded = Buffer.from(Float32Array.from(vector).buffer).toString("base64");
        return { object: "embedding", index, embedding: format === "base64" ? encoded : vector };
      }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const asked = JSON.parse(Buffer.concat(parts).toString()) as Asked;
    provider.asked.push(asked);
    await provider.wait(asked, () => response.destroyed);
    const usage = { prompt_tokens: asked.input.length, total_tokens: asked.input.length };
    const { status = 200, headers, body } = provider.answer(asked) ?? { body: { data: provider.data(asked), usage } };
    const type = typeof body === "string" ? "text/plain" : "application/json";
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return provider;
}
