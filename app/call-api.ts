import { z } from "zod";

const problemSchema = z.object({
  code: z.string(),
  detail: z.string(),
  action: z.string(),
  correlationId: z.string().optional(),
});

/** What the API refused, in words for the user. */
export type Problem = z.infer<typeof problemSchema>;

export const offline: Problem = {
  code: "offline",
  detail: "The server cannot be reached.",
  action: "Check your connection; it is tried again.",
};

type Answer<T> = { value: T; problem: null } | { value: null; problem: Problem };

/** Asks our own API with the session cookie. Whatever goes wrong is a problem to show, never thrown. */
export async function callApi<T>(schema: z.ZodType<T>, path: string, init?: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, init);
    if (response.status === 401) window.location.assign("/sign-in");
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
    return { code: "internal", detail: "Something went wrong on our side.", action: "Try again in a moment." };
  }
}
