import { z } from "zod";
import { signInPath } from "#app/sign-in/sign-in-path.ts";

const problemSchema = z
  .object({
    code: z.string(),
    detail: z.string(),
    action: z.string(),
    retryable: z.boolean().default(true),
    correlationId: z.string().nullable().default(null),
  })
  .transform(({ detail, ...problem }) => ({ ...problem, message: detail }));

/** What the API refused, in words for the user. */
export type Problem = z.infer<typeof problemSchema>;

export const offline: Problem = {
  code: "offline",
  message: "The server cannot be reached.",
  action: "Check your connection and try again.",
  retryable: true,
  correlationId: null,
};

/** Of a file that the browser was given. */
export const unreadable: Problem = {
  code: "file_unreadable",
  message: "The browser cannot read this file.",
  action: "It may have been moved, changed or protected since. Check it, and choose it again.",
  retryable: false,
  correlationId: null,
};

type Answer<T> = { value: T; problem: null } | { value: null; problem: Problem };

/** Asks our own API with the session cookie. Whatever goes wrong is a problem to show, never thrown. */
export async function callApi<T>(schema: z.ZodType<T>, path: string, init?: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, init);
    if (response.status === 401) {
      const { pathname, search } = window.location;
      window.location.assign(signInPath(pathname + search));
    }
    const text = await response.text();
    if (!response.ok) return { value: null, problem: readProblem(text) };
    return { value: schema.parse(JSON.parse(text)), problem: null };
  } catch {
    return { value: null, problem: offline };
  }
}

export function readProblem(text: string): Problem {
  try {
    return problemSchema.parse(JSON.parse(text));
  } catch {
    const message = "Something went wrong on our side.";
    return { code: "internal", message, action: "Try again in a moment.", retryable: true, correlationId: null };
  }
}
