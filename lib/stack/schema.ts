import { z } from "zod";

export const demoAccountSchema = z.object({ email: z.string(), password: z.string() });

export type DemoAccount = z.infer<typeof demoAccountSchema>;

/** `stack.json`: where the stack is, and how to enter it. `pids` is empty once it has been stopped. */
export const stackSchema = z.object({
  appUrl: z.string(),
  supabaseUrl: z.string(),
  publishableKey: z.string(),
  secretKey: z.string(),
  engineUrl: z.string(),
  embeddingsUrl: z.string(),
  demoAccount: demoAccountSchema.nullable(),
  /** The variables by which the app reaches its parts, for programs that run beside it. */
  env: z.record(z.string(), z.string()),
  pids: z.record(z.string(), z.number().int()),
});

export type Stack = z.infer<typeof stackSchema>;
