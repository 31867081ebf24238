import type { IncomingHttpHeaders } from "node:http";

export interface Request {
  method: string;
  /** The parts of the path that the route names, decoded. */
  params: string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

/** A refusal as the SDK reads it. */
export function refuse(status: number, error: string): Reply {
  return json(status, { error, status });
}

/** The JSON object in a body; a sentence about what is wrong when there is none. */
export function readObject(body: Buffer): Record<string, unknown> | string {
  const value = readJson(body);
  if (value === undefined) return "The body is not JSON.";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "The body must be a JSON object.";
  return value as Record<string, unknown>;
}

/** The JSON value in a body; undefined when there is none. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
