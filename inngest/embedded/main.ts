import { readSettings } from "./read-settings.ts";
import { start } from "./start.ts";

try {
  const running = await start(readSettings(process.argv.slice(2), process.env));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => running.stop().then(() => process.exit(0)));
  }
  process.stdout.write(`${JSON.stringify({ ready: true, url: running.url })}\n`);
} catch (error) {
  process.stderr.write(`inngest engine: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
