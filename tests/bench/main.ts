import { benchEngine } from "./engine.ts";

const benches: Record<string, () => Promise<void>> = { engine: benchEngine };
const [name] = process.argv.slice(2);
const bench = benches[name ?? ""];
if (bench) await bench();
else {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join("|")}`);
  process.exitCode = 2;
}
