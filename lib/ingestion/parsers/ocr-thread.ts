import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

// The thread in which Tesseract works. It wants all models in one folder, but each language is a package of its own.

const require = createRequire(import.meta.url);
const files = require("tesseract.js/src/worker-script/node/cache.js") as {
  readCache: (file: string) => Promise<Uint8Array>;
};
files.readCache = (file) => {
  const name = path.basename(file);
  return readFile(require.resolve(`@tesseract.js-data/${name.split(".", 1)[0]}/4.0.0_best_int/${name}`));
};
require("tesseract.js/src/worker-script/node/index.js");
