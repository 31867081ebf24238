import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Tests run in a zone that is neither UTC nor a whole hour off, so that a date written in local time shows.
process.env.TZ = "Asia/Kathmandu";

export default defineConfig({
  test: {
    // Left to itself it takes one less than there are processors: of two, one would be idle.
    maxWorkers: availableParallelism(),
    projects: [
      { test: { name: "unit", include: ["tests/unit/**/*.test.ts", "tests/*.test.ts"], testTimeout: 20_000 } },
      {
        test: { name: "contract", include: ["tests/contract/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000 },
      },
      {
        test: {
          name: "stack",
          include: ["tests/stack/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          // Much of them is waiting: for a retry, for the clock, for a part to come back.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          globalSetup: "tests/stack/start-stack.ts",
        },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
          globalSetup: ["tests/browser/unpack-browser.ts", "tests/stack/start-stack.ts"],
        },
      },
    ],
  },
});
