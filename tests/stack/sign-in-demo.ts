import { type Api, signIn } from "#lib/stack/call-api.ts";
import type { Stack } from "#lib/stack/schema.ts";

/** The demo account of an embedded stack, which outlives the stack's parts. */
export async function signInDemo(stack: Stack): Promise<Api> {
  if (!stack.demoAccount) throw new Error("The embedded stack has no demo account.");
  return await signIn(stack, stack.demoAccount.email, stack.demoAccount.password);
}
