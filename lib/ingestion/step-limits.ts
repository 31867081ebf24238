/** A part of the work, in milliseconds, so that no step outlasts what a serverless function may take. */
export const partMs = 60_000;
/** Requests of one step to the provider: while one waits for it, others store what it has answered. */
export const batchesAtOnce = 8;
/** The longest that is waited for a service that asks for a time, in milliseconds: then it is asked again, and may ask for more. */
export const longestPauseMs = 15 * 60_000;
