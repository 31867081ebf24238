import { cutText } from "#lib/ingestion/clean-text.ts";

/** A value with its path, as a line. `key` and `element` are the first steps to it. */
export interface JsonLine {
  /** The key in the whole; where that is an array, the index of the object or array in it that the value is of. */
  key: string | number | undefined;
  /** Where the value under `key` is an array: the index of the object or array in it that the value is of. */
  element: number | undefined;
  text: string;
}

/** An object or array that is being read. */
interface Frame {
  isArray: boolean;
  key: string;
  expectsKey: boolean;
  index: number;
  isEmpty: boolean;
  /** Plain values of an array that wait for their line, which they share. */
  packed: string[];
  packedFrom: number;
  packedLength: number;
}

const longestPath = 160;
const longestKey = 200;
const longestPacked = 200;

/**
 * Reads JSON that is known to be valid, value by value and without recursion, however deep it is. Keys stand in the order of the
 * file, numbers as they are written; what is in a record of an array has its path from the record on.
 */
export function* readJson(text: string): Generator<JsonLine, void> {
  const stack: Frame[] = [];
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = findEnd(text, at);
    const frame = stack.at(-1);
    const token = text[at] ?? "";
    if (token === "{" || token === "[") {
      if (frame?.packed.length) yield flush(stack, frame);
      if (frame) frame.isEmpty = false;
      stack.push(openFrame(token === "["));
    } else if (frame && (token === "}" || token === "]")) {
      if (frame.packed.length > 0) yield flush(stack, frame, frame.packedFrom === 0);
      if (frame.isEmpty && stack.length > 1) yield writeLine(stack, stack.length - 1, frame.isArray ? "[]" : "{}");
      stack.pop();
    } else if (frame && token === ",") {
      frame.index += 1;
      frame.expectsKey = !frame.isArray;
    } else if (!isBetween(token)) {
      const value = readValue(text.slice(at, end));
      if (!frame) yield writeLine(stack, 0, value);
      else if (frame.expectsKey) {
        frame.key = cutText(value.replace(/\s+/g, " "), longestKey) || '""';
        frame.expectsKey = false;
        frame.isEmpty = false;
      } else if (frame.isArray) {
        const isFull = frame.packed.length > 0 && frame.packedLength + value.length > longestPacked;
        if (isFull) yield flush(stack, frame);
        pack(frame, value);
      } else yield writeLine(stack, stack.length, value || '""');
    }
  }
}

function openFrame(isArray: boolean): Frame {
  const packing = { packed: [], packedFrom: 0, packedLength: 0 };
  return { isArray, key: "", expectsKey: !isArray, index: 0, isEmpty: true, ...packing };
}

/** Where the token ends that begins at `at`. By hand, for patterns give up on tokens of many megabytes. */
function findEnd(text: string, at: number): number {
  const first = text[at] ?? "";
  if (first === '"') return findQuote(text, at) + 1;
  if (/[{}[\],:]/.test(first)) return at + 1;
  const isBlank = isBetween(first);
  let end = at + 1;
  while (end < text.length && isBetween(text[end] ?? "") === isBlank && !/[{}[\],:"]/.test(text[end] ?? "")) end += 1;
  return end;
}

/** The quotation mark that closes a string: the first before which the backslashes are even in number. */
function findQuote(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return quote;
  }
  return text.length;
}

function isBetween(character: string): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t" || character === ":";
}

/** A string without its marks; all else as it is written. */
function readValue(token: string): string {
  if (!token.startsWith('"')) return token;
  return token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
}

function pack(frame: Frame, value: string): void {
  if (frame.packed.length === 0) frame.packedFrom = frame.index;
  frame.packed.push(value || '""');
  // What is several lines shares none.
  frame.packedLength += value.includes("\n") ? longestPacked : value.length + 2;
  frame.isEmpty = false;
}

/** The plain values that wait, as a line; by its first index, unless that line is the `whole` array. */
function flush(stack: Frame[], frame: Frame, isWhole = false): JsonLine {
  const { index, packed } = frame;
  frame.index = frame.packedFrom;
  const line = writeLine(stack, isWhole ? stack.length - 1 : stack.length, packed.join(", "));
  frame.index = index;
  frame.packed = [];
  frame.packedLength = 0;
  return line;
}

/** A value with the path that the first `steps` of the frames are at. */
function writeLine(stack: Frame[], steps: number, value: string): JsonLine {
  const [root, second, third] = stack;
  const path = writePath(stack, steps);
  return {
    key: root?.isArray ? second && root.index : root?.key,
    element: !root?.isArray && second?.isArray && third ? second.index : undefined,
    text: path === "" ? value : `${path}: ${value}`,
  };
}

/** A path, of a long one the end. The index in an array that is the whole is left out, for it is the number of the record. */
function writePath(stack: Frame[], steps: number): string {
  let path = "";
  const first = stack[0]?.isArray ? 1 : 0;
  for (let at = steps - 1; at >= first; at -= 1) {
    if (path.length > longestPath) return `…${path}`;
    const { isArray, index, key } = stack[at] ?? openFrame(false);
    const dot = path === "" || path.startsWith("[") ? "" : ".";
    path = `${isArray ? `[${index}]` : key}${dot}${path}`;
  }
  return path;
}
