import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { parseDuration } from "../protocol/durations.ts";

/** What an expression sees: the event that started the run, and the one that comes in now. */
export type Scope = Record<string, unknown>;
type Compiled = (scope: Scope) => unknown;

const celEnvironment = createEnvironment();
const cache = new Map<string, Compiled>();
const cacheSize = 2000;

/** Throws when the text is no CEL expression. */
export function checkExpression(text: string): void {
  compile(text);
}

/** An expression as a tree. Throws when the text is none. */
export function parseExpression(text: string): ASTNode {
  return celEnvironment.parse(text).ast;
}

/** The value of an expression; null where it reads what is missing or mixes types, as the real server has it. */
export function evaluate(text: string, scope: Scope): unknown {
  try {
    return plain(compile(text)(scope));
  } catch {
    return null;
  }
}

/** Whether an expression holds. No expression always holds; one that fails does not. */
export function holds(text: string | null | undefined, scope: Scope): boolean {
  return text === null || text === undefined || text === "" || isTruthy(evaluate(text, scope));
}

/** The value of an expression as a part of a key. */
export function evaluateKey(text: string, scope: Scope): string {
  const value = evaluate(text, scope);
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function compile(text: string): Compiled {
  const known = cache.get(text);
  if (known) return known;
  const made = compileNode(parseExpression(text));
  if (cache.size >= cacheSize) cache.clear();
  cache.set(text, made);
  return made;
}

/** Logic is done here: CEL takes only booleans for it, the server takes any value and `a || b` gives the first that is true. */
function compileNode(node: ASTNode): Compiled {
  if (node.op === "||") {
    const [left, right] = node.args.map((side) => tolerant(compileNode(side)));
    return (scope) => {
      const first = left?.(scope);
      return isTruthy(first) ? first : right?.(scope);
    };
  }
  if (node.op === "&&") {
    const [left, right] = node.args.map((side) => tolerant(compileNode(side)));
    return (scope) => isTruthy(left?.(scope)) && isTruthy(right?.(scope));
  }
  if (node.op === "!_") {
    const inner = tolerant(compileNode(node.args));
    return (scope) => !isTruthy(inner(scope));
  }
  if (node.op === "?:") {
    const [condition, yes, no] = node.args.map(compileNode);
    const test = tolerant(condition ?? (() => null));
    return (scope) => (isTruthy(test(scope)) ? yes?.(scope) : no?.(scope));
  }
  const parsed = celEnvironment.parse(node.input.slice(node.range.start, node.range.end));
  const paths = findPaths(node);
  return (scope) => parsed(paths.reduce(withPath, scope));
}

function tolerant(compiled: Compiled): Compiled {
  return (scope) => {
    try {
      return compiled(scope);
    } catch {
      return null;
    }
  };
}

/** Every chain of names (`event.data.owner.id`) that the expression reads. */
function findPaths(node: ASTNode): string[][] {
  const found: string[][] = [];
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) for (const inner of part) walk(inner);
    if (!isNode(part)) return;
    // Asks whether something is there: filling it in would answer for it.
    if (part.op === "call" && part.args[0] === "has") return;
    const path = readPath(part);
    if (path && path.length > 1) found.push(path);
    else walk(part.args);
  };
  walk(node);
  return found;
}

/** The names of a chain such as `event.data.owner.id`; null for anything else. */
export function readPath(node: ASTNode): string[] | null {
  if (node.op === "id") return [node.args];
  if (node.op !== "." && node.op !== "[]") return null;
  const [target, key] = node.args;
  const before = readPath(target);
  if (!before) return null;
  if (typeof key === "string") return [...before, key];
  return key.op === "value" && typeof key.args === "string" ? [...before, key.args] : null;
}

/** A copy of the scope in which the path exists; what is missing is null. */
function withPath(scope: Scope, path: string[]): Scope {
  const [head = "", ...rest] = path;
  const inner = Object.hasOwn(scope, head) ? scope[head] : undefined;
  if (rest.length === 0) return inner === undefined ? { ...scope, [head]: null } : scope;
  if (isRecord(inner)) {
    const filled = withPath(inner, rest);
    return filled === inner ? scope : { ...scope, [head]: filled };
  }
  return Array.isArray(inner) ? scope : { ...scope, [head]: withPath({}, rest) };
}

function isNode(value: unknown): value is ASTNode {
  return isRecord(value) && "op" in value && "args" in value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTruthy(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false && value !== 0 && value !== 0n && value !== "";
}

function plain(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function createEnvironment(): Environment {
  const shift = (text: string, sign: number) => new Date(Date.now() + sign * (parseDuration(text) ?? Number.NaN));
  return new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
    .registerFunction("lowercase(string): string", (text: string) => text.toLowerCase())
    .registerFunction("uppercase(string): string", (text: string) => text.toUpperCase())
    .registerFunction("b64decode(string): string", (text: string) => Buffer.from(text, "base64").toString("utf8"))
    .registerFunction("json_parse(string): dyn", (text: string) => JSON.parse(text))
    .registerFunction("date(string): google.protobuf.Timestamp", (text: string) => new Date(text))
    .registerFunction("date(double): google.protobuf.Timestamp", (ms: number) => new Date(ms))
    .registerFunction("now(): google.protobuf.Timestamp", () => new Date())
    .registerFunction("now_plus(string): google.protobuf.Timestamp", (text: string) => shift(text, 1))
    .registerFunction("now_minus(string): google.protobuf.Timestamp", (text: string) => shift(text, -1));
}
