import { benchEngine } from "./engine/bench-engine.ts";
import { benchIngest } from "./ingest/bench-ingest.ts";
import { benchLoad } from "./load/bench-load.ts";
import { benchParse } from "./parse/bench-parse.ts";
import { benchRetrieval } from "./retrieval/bench-retrieval.ts";
import { benchSearch } from "./search/bench-search.ts";

const benches: Record<string, (options: string[]) => Promise<void>> = {
  engine: benchEngine,
  ingest: benchIngest,
  load: benchLoad,
  parse: benchParse,
  search: benchSearch,
  retrieval: benchRetrieval,
};
const [name, ...options] = process.argv.slice(2);
const asked = Object.keys(benches).filter((key) => name === undefined || key === name);
for (const key of asked) {
  console.log(`\n${key}`);
  await benches[key]?.(options);
}
if (asked.length === 0) {
  console.error(`Usage: npm run bench [-- ${Object.keys(benches).join("|")}]`);
  process.exitCode = 2;
}
