import { randomBytes, randomUUID } from "node:crypto";
import { type Api, signIn } from "#lib/stack/call-api.ts";
import type { Stack } from "#lib/stack/schema.ts";

/** A new user of the stack, signed in: nothing that another test does is seen by them. */
export async function createOwner(stack: Stack): Promise<Api> {
  const email = `${randomUUID()}@example.com`;
  const password = randomBytes(12).toString("base64url");
  const response = await fetch(`${stack.supabaseUrl}/auth/v1/admin/users`, {
    method: "POST",
    headers: {
      apikey: stack.secretKey,
      authorization: `Bearer ${stack.secretKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ email, password, email_confirm: true }),
  });
  if (!response.ok) throw new Error(`No user could be made: ${response.status} ${await response.text()}`);
  return await signIn(stack, email, password);
}
