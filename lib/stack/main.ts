import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadEnvFiles } from "./load-env-files.ts";
import { runStack } from "./run-stack.ts";

const usage = "Usage: node lib/stack/main.ts start|dev [--verbose] [--until-stdin-closes]";
const options = { verbose: { type: "boolean" }, "until-stdin-closes": { type: "boolean" } } as const;

// What was waited for when the stack was stopped may still be waited for: do not stay for it.
process.exit(await main());

async function main(): Promise<number> {
  const { positionals, values } = readArguments();
  const [mode] = positionals;
  if ((mode !== "start" && mode !== "dev") || positionals.length > 1) {
    console.error(usage);
    return 2;
  }
  const root = resolve(import.meta.dirname, "..", "..");
  loadEnvFiles(root, mode === "dev" ? "development" : "production");

  const stop = new AbortController();
  const kill = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) kill.abort();
      stop.abort(signal);
    });
  }
  if (values["until-stdin-closes"]) process.stdin.on("end", () => stop.abort("stdin closed")).resume();
  console.log(`Knowledgebase (${mode})`);
  return await runStack({
    mode,
    root,
    dataDir: resolve(process.env.KNOWLEDGEBASE_DIR || join(root, ".knowledgebase")),
    env: process.env,
    verbose: values.verbose ?? false,
    print: (line) => console.log(line),
    stop: stop.signal,
    kill: kill.signal,
  });
}

/** What is unknown is no mode. */
function readArguments(): ReturnType<typeof parseArgs<{ allowPositionals: true; options: typeof options }>> {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { positionals: [], values: {} };
  }
}
