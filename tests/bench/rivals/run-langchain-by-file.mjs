import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { createIngest, loaders } from "./langchain.mjs";
import { measureRun } from "./measure-run.mjs";

/** As many as the product is given at once. */
const filesAtOnce = 8;

// The same script as an upload form calls it: for each file, when that comes in.
await measureRun(async (order) => {
  const ingest = createIngest(order);
  const names = await readdir(order.folder);
  const counts = [];
  await Promise.all(
    Array.from({ length: filesAtOnce }, async () => {
      for (let name = names.shift(); name; name = names.shift()) {
        const documents = await loaders[extname(name)](join(order.folder, name)).load();
        counts.push(await ingest(documents));
      }
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
});
