import type { TestProject } from "vitest/node";
import type { Stack } from "#lib/stack/schema.ts";
import { bootOwnStack, type OwnStack, removeDataDir } from "./boot-own-stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    stack: Stack;
  }
}

interface Shared {
  users: number;
  booting: Promise<OwnStack>;
}

// Two projects share the one stack; each loads this module for itself, so what they share hangs on the process.
const key = Symbol.for("knowledgebase.test-stack");
const holder: typeof globalThis & { [key]?: Shared } = globalThis;

/** Boots one stack for all tests that only need one, and stops it after the last project. */
export default async function startStack(project: TestProject): Promise<() => Promise<void>> {
  holder[key] ??= { users: 0, booting: bootOwnStack() };
  const shared = holder[key];
  shared.users += 1;
  const { json, stop, dataDir } = await shared.booting;
  project.provide("stack", json);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete holder[key];
    await stop();
    await removeDataDir(dataDir);
  };
}
