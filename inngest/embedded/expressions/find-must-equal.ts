import type { ASTNode } from "@marcbachmann/cel-js";
import { parseExpression, readPath } from "./evaluate.ts";

/** Where two events must have the same for an expression to hold: the names that lead there from each of them (`data`, `jobId`). */
interface MustEqual {
  ofTrigger: string[];
  ofIncoming: string[];
}

/** What an expression such as `async.data.jobId == event.data.jobId && async.data.n > 5` cannot do without; null when it names nothing. */
export function findMustEqual(text: string | undefined): MustEqual | null {
  return text ? findIn(parseExpression(text)) : null;
}

function findIn(node: ASTNode): MustEqual | null {
  if (node.op === "&&") return findIn(node.args[0]) ?? findIn(node.args[1]);
  if (node.op !== "==") return null;
  const [left, right] = [readPath(node.args[0]), readPath(node.args[1])];
  const ofTrigger = namesAfter("event", left) ?? namesAfter("event", right);
  const ofIncoming = namesAfter("async", left) ?? namesAfter("async", right);
  return ofTrigger && ofIncoming && { ofTrigger, ofIncoming };
}

function namesAfter(root: string, path: string[] | null): string[] | null {
  const [first, ...names] = path ?? [];
  return first === root && names.length > 0 && names.every((name) => /^\w+$/.test(name)) ? names : null;
}
