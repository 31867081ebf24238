import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addUnits, type Unit } from "#lib/ingestion/parsers/add-units.ts";
import { readJson } from "#lib/ingestion/parsers/read-json.ts";

const mostNamed = 20;

/**
 * JSON as lines `path: value`, under its keys or the numbers of its records. Of `lines` (JSON Lines) those that are broken are left
 * out with a warning; a broken `document` is `file_corrupt`, unless it is lines of which each is a whole record.
 */
export function parseJson(form: "document" | "lines"): Parser {
  return async ({ bytes }, { maxCharacters }) => {
    const { text, encoding, warnings } = await decodeText(bytes);
    const builder = createDocumentBuilder({ maxCharacters, namedByFile: true });
    const error = findError(text);
    if (!error) addUnits(builder, readUnits(text));
    else {
      if (form === "document" && !isRecords(text)) throw refuse(error);
      const broken: number[] = [];
      if (addUnits(builder, readLines(text, broken)) === 0) throw refuse(error);
      if (broken.length > 0) warnings.push({ code: "file_recovered", message: describeBroken(broken) });
    }
    return builder.finish({ warnings, coverage: { encoding } });
  };
}

function findError(text: string): SyntaxError | null {
  try {
    JSON.parse(text);
    return null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return thrown;
    throw thrown;
  }
}

function refuse(cause: SyntaxError): Failure {
  const [place] = /line \d+ column \d+/.exec(cause.message) ?? [];
  return new Failure("file_corrupt", { detail: `The file is not valid JSON${place ? ` (${place})` : ""}.`, cause });
}

/** Whether each line holds a whole object or array, as programs write them that name JSON Lines `.json`. */
function isRecords(text: string): boolean {
  for (const { line } of splitLines(text)) if (!/^\s*[{[]/.test(line) || findError(line)) return false;
  return true;
}

/** The lines that are not blank, numbered from 1 on. */
function* splitLines(text: string): Generator<{ number: number; line: string }> {
  for (let at = 0, number = 1; at < text.length; number += 1) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, end);
    if (/\S/.test(line)) yield { number, line };
    at = end + 1;
  }
}

function* readLines(text: string, broken: number[]): Generator<Unit> {
  for (const { number, line } of splitLines(text)) {
    if (findError(line)) broken.push(number);
    else {
      const lines = Array.from(readJson(line), ({ text }) => text);
      if (lines.length > 0) yield { kind: "record", name: `Line ${number}`, lines };
    }
  }
}

/** The records of a list, and else the keys of the whole; of a key that holds a list of records, these. */
function* readUnits(text: string): Generator<Unit> {
  let unit: Unit | undefined;
  for (const { key, element, text: line } of readJson(text)) {
    const { kind, name } = nameUnit(key, element);
    if (unit?.kind === kind && unit.name === name) unit.lines.push(line);
    else {
      if (unit) yield unit;
      unit = { kind, name, lines: [line] };
    }
  }
  if (unit) yield unit;
}

function nameUnit(key: string | number | undefined, element: number | undefined): Omit<Unit, "lines"> {
  if (key === undefined) return { kind: "value", name: "" };
  if (typeof key === "number") return { kind: "record", name: `Record ${key + 1}` };
  return element === undefined ? { kind: "key", name: key } : { kind: `of ${key}`, name: `${key}[${element}]` };
}

function describeBroken(broken: number[]): string {
  if (broken.length === 1) return `Line ${broken[0]} is not valid JSON and was left out.`;
  const named = broken.slice(0, mostNamed).join(", ");
  const more = broken.length > mostNamed ? ` and ${broken.length - mostNamed} more` : "";
  return `Lines ${named}${more} are not valid JSON and were left out.`;
}
