import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { DemoAccount } from "./schema.ts";

const email = "demo@example.com";
const usersSchema = z.object({ users: z.array(z.object({ id: z.string(), email: z.string().nullish() })) });

interface Address {
  supabaseUrl: string;
  secretKey: string;
}

/** The account to sign in with, made through the Auth admin API. Keeps the password that is known, else sets a new one. */
export async function ensureDemoAccount(address: Address, known: DemoAccount | null): Promise<DemoAccount> {
  const account = known ?? { email, password: randomBytes(12).toString("base64url") };
  const { users } = usersSchema.parse(await callAdmin(address, "GET", "?per_page=1000"));
  const user = users.find((candidate) => candidate.email === account.email);
  if (!user) await callAdmin(address, "POST", "", { ...account, email_confirm: true });
  else if (!known) await callAdmin(address, "PUT", `/${user.id}`, { password: account.password });
  return account;
}

async function callAdmin({ supabaseUrl, secretKey }: Address, method: string, path: string, body?: object) {
  const response = await fetch(`${supabaseUrl}/auth/v1/admin/users${path}`, {
    method,
    headers: { apikey: secretKey, authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`The demo account cannot be made: ${method} answered ${response.status}.`);
  return answer;
}
