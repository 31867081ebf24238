import { setFlagsFromString } from "node:v8";
import { readSettings } from "./read-settings.ts";
import { start } from "./start.ts";

// Hardly anything outlives a request, yet V8 would let what requests leave behind grow to some 170 MB before it collects
// it. So its young generation stays as large as it is now, and the old one is collected when it has grown by half.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=50");

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
