import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { loadEnvFiles } from "./load-env-files.ts";
import { readStackFile } from "./stack-file.ts";

// node lib/stack/run-beside.ts <program> [arguments]: runs a program against the stack that is running on the data folder. What the
// environment names itself wins, as it does for the launcher.
const root = resolve(import.meta.dirname, "..", "..");
const [program, ...args] = process.argv.slice(2);
if (!program) throw new Error("Usage: node lib/stack/run-beside.ts <program> [arguments]");
loadEnvFiles(root, "production");
const stack = readStackFile(resolve(process.env.KNOWLEDGEBASE_DIR || join(root, ".knowledgebase")));
const running = stack && Object.keys(stack.pids).length > 0 ? stack.env : null;
if (!running && !process.env.SUPABASE_URL) {
  console.error("Nothing runs here: start it by `npm start`, or set SUPABASE_URL and the rest to look elsewhere.");
  process.exit(2);
}
const named = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value));
const child = spawn(process.execPath, [join(root, program), ...args], {
  stdio: "inherit",
  env: { ...process.env, ...running, ...named },
});
const [code] = (await once(child, "exit")) as [number | null];
process.exitCode = code ?? 1;
