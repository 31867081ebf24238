import { z } from "zod";
import { acceptedSchema, type DocumentView, documentViewSchema } from "#lib/documents/schema.ts";
import { type SearchResult, searchAnswerSchema } from "#lib/search/schema.ts";
import type { Stack } from "./schema.ts";
import { waitUntil } from "./wait-until.ts";

const tokenSchema = z.object({ access_token: z.string(), user: z.object({ id: z.uuid() }) });
const answerSchema = z.object({ document: documentViewSchema });

/** The product over HTTP, as one signed-in user. */
export interface Api {
  userId: string;
  token: string;
  /** A plain request with the user's token; answers whatever the status. */
  call: (path: string, init?: RequestInit) => Promise<Response>;
  upload: (file: File, title?: string) => Promise<DocumentView>;
  read: (id: string) => Promise<DocumentView>;
  /** Polls a document until `isReached`; throws with its last state at the deadline. */
  follow: (id: string, isReached: (document: DocumentView) => boolean, deadlineMs?: number) => Promise<DocumentView>;
  search: (question: string, limit?: number) => Promise<SearchResult[]>;
}

/** Signs in by password, as any client of Supabase Auth does. */
export async function signIn(stack: Stack, email: string, password: string): Promise<Api> {
  const response = await fetch(`${stack.supabaseUrl}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  const { access_token: token, user } = tokenSchema.parse(await readAnswer(response));

  const call: Api["call"] = async (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return await fetch(new URL(path, stack.appUrl), { ...init, headers });
  };
  const read = async (id: string) => answerSchema.parse(await readAnswer(await call(`/api/documents/${id}`))).document;
  return {
    userId: user.id,
    token,
    call,
    read,
    upload: async (file, title) => {
      const body = new FormData();
      body.set("file", file);
      if (title !== undefined) body.set("title", title);
      return acceptedSchema.parse(await readAnswer(await call("/api/documents", { method: "POST", body }))).document;
    },
    follow: async (id, isReached, deadlineMs = 120_000) => {
      let document = await read(id);
      const ask = async () => {
        document = await read(id);
        return isReached(document);
      };
      try {
        await waitUntil(`Document ${id} is not as expected`, deadlineMs, ask);
      } catch (cause) {
        throw new Error(`Document ${id} is not as expected, but: ${JSON.stringify(document)}`, { cause });
      }
      return document;
    },
    search: async (question, limit = 10) => {
      const query = new URLSearchParams({ q: question, limit: String(limit) });
      return searchAnswerSchema.parse(await readAnswer(await call(`/api/search?${query}`))).results;
    },
  };
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
