const MiB = 1024 * 1024;

/** As the Dev Server 1.45 has them. */
export const limits = {
  stepOutputBytes: 4 * MiB,
  stateBytes: 32 * MiB,
  stepsPerRun: 1000,
  responseBytes: 8 * MiB,
  requestBytes: 4 * MiB,
  inlineStateBytes: 4 * MiB - 1024,
  eventBytes: 3 * MiB,
  eventsPerRequest: 5000,
  eventBodyBytes: 64 * MiB,
  triggers: 10,
  cancels: 5,
  concurrencies: 2,
  retries: 20,
  requestTimeoutMs: 2 * 3_600_000,
  longestWaitMs: 366 * 86_400_000,
  dedupeMs: 24 * 3_600_000,
} as const;
