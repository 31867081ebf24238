/** Runs once when the server starts: an environment that is not complete stops it, with the names of what is missing. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { requireEnv } = await import("#lib/require-env.ts");
    requireEnv();
  }
}
