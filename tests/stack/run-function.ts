import type { Stack } from "#lib/stack/schema.ts";

/** Has the engine run a function at once that would run by the clock at the next minute. */
export async function runFunction(stack: Stack, name: string): Promise<void> {
  const asked = await fetch(`${stack.engineUrl}/invoke/knowledgebase-${name}`, { method: "POST" });
  if (!asked.ok) throw new Error(`${name} cannot be run: ${await asked.text()}`);
}
