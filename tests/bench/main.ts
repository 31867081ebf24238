import { benchEngine } from "./engine.ts";
import { benchParse } from "./parse/bench-parse.ts";

const benches: Record<string, () => Promise<void>> = { engine: benchEngine, parse: benchParse };
const [name] = process.argv.slice(2);
const asked = Object.keys(benches).filter((key) => name === undefined || key === name);
for (const key of asked) {
  console.log(`\n${key}`);
  await benches[key]?.();
}
if (asked.length === 0) {
  console.error(`Usage: npm run bench [-- ${Object.keys(benches).join("|")}]`);
  process.exitCode = 2;
}
