"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { openSession } from "#app/session.ts";
import { readNext } from "#app/sign-in/read-next.ts";

const intentSchema = z.enum(["sign-in", "sign-up"]).catch("sign-in");
const formSchema = z.object({
  email: z.email(),
  password: z.string().min(1),
  next: z.string().optional(),
});

/** By the code that Supabase Auth gives; anything else is not the user's to mend. */
const reasons: Record<string, string> = {
  invalid_credentials: "The e-mail or the password is not right.",
  user_already_exists: "There is an account with this e-mail. Sign in instead.",
  weak_password: "The password is too easy to guess. Take a longer one.",
  email_not_confirmed: "Confirm your e-mail by the link that was sent to you, then sign in.",
  over_request_rate_limit: "Too many tries. Wait a minute and try again.",
};

interface State {
  email: string;
  /** What was tried: the error tells of that. */
  intent: z.infer<typeof intentSchema>;
  error: string | null;
}

export async function signIn(_state: State, form: FormData): Promise<State> {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  const tried = { email: String(form.get("email") ?? ""), intent: intentSchema.parse(form.get("intent")) };
  if (!parsed.success) return { ...tried, error: "Give an e-mail address and a password." };
  const { password, next } = parsed.data;
  const { auth } = await openSession();
  const credentials = { email: parsed.data.email, password };
  const { data, error } =
    tried.intent === "sign-up" ? await auth.signUp(credentials) : await auth.signInWithPassword(credentials);
  if (error) {
    return { ...tried, error: reasons[error.code ?? ""] ?? "The sign-in does not answer. Try again in a moment." };
  }
  if (!data.session) return { ...tried, error: "Confirm your e-mail by the link that was sent to you, then sign in." };
  redirect(readNext(next));
}

export async function signOut(): Promise<void> {
  const { auth } = await openSession();
  await auth.signOut({ scope: "local" });
  redirect("/sign-in");
}
