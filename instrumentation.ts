/** Runs once when the server starts: an environment that is not complete stops it, with the names of what is missing. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    // Inngest's library goes through all variables eight times a run. The process looks each one up anew, a plain object does not.
    process.env = { ...process.env };
    const { requireEnv } = await import("#lib/require-env.ts");
    requireEnv();
  }
}
