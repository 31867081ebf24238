import { readSettings } from "./read-settings.ts";
import { start } from "./start.ts";

try {
  const running = await start(readSettings(process.env));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => running.stop().then(() => process.exit(0)));
  }
  const { url, publishableKey, secretKey } = running;
  process.stdout.write(`${JSON.stringify({ ready: true, url, publishableKey, secretKey })}\n`);
} catch (error) {
  process.stderr.write(`embedded Supabase: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
