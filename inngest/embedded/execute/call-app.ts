import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Call {
  method: "POST" | "PUT" | "GET";
  url: string;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal;
}

/**
 * Sends one request on a connection of its own, as the Dev Server does: a kept one may die under the request.
 * `fetch` would give up after 300 seconds without headers.
 */
export function callApp({ method, url, headers, body, timeoutMs, maxBytes, signal }: Call): Promise<Answer> {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method,
      agent: false,
      timeout: timeoutMs,
      ...(signal ? { signal } : {}),
      headers: { ...headers, connection: "close", "content-length": Buffer.byteLength(body) },
    });
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) response.destroy(tooLarge(maxBytes));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    request.end(body);
  });
}

/** The name of the error when the app's answer was longer than `maxBytes`. */
export const answerTooLarge = "output_too_large";

function tooLarge(maxBytes: number): Error {
  return Object.assign(new Error(`the answer is larger than ${maxBytes} bytes`), { name: answerTooLarge });
}
