"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { openSession } from "#app/session.ts";

const formSchema = z.object({
  intent: z.enum(["sign-in", "sign-up"]),
  email: z.email(),
  password: z.string().min(1),
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
  error: string | null;
}

export async function signIn(_state: State, form: FormData): Promise<State> {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  const email = String(form.get("email") ?? "");
  if (!parsed.success) return { email, error: "Give an e-mail address and a password." };
  const { intent, password } = parsed.data;
  const { auth } = await openSession();
  const credentials = { email: parsed.data.email, password };
  const { data, error } =
    intent === "sign-up" ? await auth.signUp(credentials) : await auth.signInWithPassword(credentials);
  if (error) {
    return { email, error: reasons[error.code ?? ""] ?? "The sign-in does not answer. Try again in a moment." };
  }
  if (!data.session) return { email, error: "Confirm your e-mail by the link that was sent to you, then sign in." };
  redirect("/documents");
}

export async function signOut(): Promise<void> {
  const { auth } = await openSession();
  await auth.signOut({ scope: "local" });
  redirect("/sign-in");
}
