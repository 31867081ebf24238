import { expect } from "vitest";
import { z } from "zod";
import { acceptedSchema, type DocumentView, eventListSchema } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";

/** A failure as a user of the API sees it: the answer to a request, or the error of a document (then `status` is null). */
export interface Shown {
  status: number | null;
  code: string;
  message: string;
  action: string;
  retryable: boolean;
  correlationId: string | null;
  stage: string | null;
}

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  action: z.string(),
  retryable: z.boolean(),
  correlationId: z.uuid(),
});

/** What libraries say, and where in the code something happened. */
const inside = /\bat \S+ \(|\.[jt]s:\d+|node_modules|"stack"|"cause"|Error:|ECONN|fetch failed|header check|relation "/;

export async function showProblem(response: Response): Promise<Shown> {
  const text = await response.text();
  expect(text).not.toMatch(inside);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const { type, title, detail, ...problem } = problemSchema.parse(JSON.parse(text));
  expect([problem.status, type]).toEqual([response.status, `urn:knowledgebase:${problem.code}`]);
  return { ...problem, message: detail, stage: null };
}

export function showError({ error }: DocumentView): Shown {
  if (!error) throw new Error("The document has no error.");
  return { status: null, ...error };
}

/** Follows a document to its error, which the timeline must tell as well. */
export async function followToError(owner: Api, id: string): Promise<Shown> {
  const document = await owner.follow(id, ({ status, error }) => error !== null && status !== "processing");
  const shown = showError(document);
  const text = await (await owner.call(`/api/documents/${id}/events`)).text();
  expect(`${text}${JSON.stringify(document)}`).not.toMatch(inside);
  const { events } = eventListSchema.parse(JSON.parse(text));
  const { code, message, stage } = shown;
  expect(events).toContainEqual(expect.objectContaining({ level: "error", code, message, stage }));
  return shown;
}

/** Sends a file, whatever the answer. */
export async function sendFile(owner: Api, file: File): Promise<Response> {
  const body = new FormData();
  body.set("file", file);
  return await owner.call("/api/documents", { method: "POST", body });
}

/** Sends a file that is taken in, and answers with what its ingestion ended with. */
export async function failFile(owner: Api, file: File): Promise<Shown> {
  const { document } = acceptedSchema.parse(await (await sendFile(owner, file)).json());
  return await followToError(owner, document.id);
}
