import { afterEach, expect, test, vi } from "vitest";
import { readEnv } from "#lib/env.ts";

afterEach(() => void vi.unstubAllEnvs());

test("a request's time that Node would not wait for is refused with the reason", () => {
  vi.stubEnv("EMBEDDING_TIMEOUT_SECONDS", "301");
  expect(readEnv).toThrow("EMBEDDING_TIMEOUT_SECONDS: can be at most 300, for after five minutes");
});
