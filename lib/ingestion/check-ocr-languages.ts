import { existsSync } from "node:fs";
import path from "node:path";

/** Throws a sentence that says what to install when the model of a language is not there. `languages` is `OCR_LANGUAGES`. */
export function checkOcrLanguages(languages: string): void {
  if (languages === "off") return;
  for (const code of languages.split("+")) {
    const folder = path.join(/* turbopackIgnore: true */ process.cwd(), "node_modules/@tesseract.js-data", code);
    if (existsSync(folder)) continue;
    const packages = `npm install @tesseract.js-data/${code}`;
    throw new Error(`OCR_LANGUAGES names ${code}, whose model is not installed. Run: ${packages}. See .env.example.`);
  }
}
