/** A part of the work, in milliseconds, so that no step outlasts what a serverless function may take. */
export const partMs = 60_000;
/** Requests of one step to the provider: while one waits for it, others store what it has answered. */
export const batchesAtOnce = 8;
