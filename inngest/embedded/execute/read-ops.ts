import type { Op } from "../protocol/types.ts";

/** The ops of a 206 answer or a checkpoint, one or a list of them; null when they are none. */
export function readOps(body: string): Op[] | null {
  try {
    return checkOps(JSON.parse(body));
  } catch {
    return null;
  }
}

export function checkOps(value: unknown): Op[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.every(isOp) ? list : null;
}

function isOp(value: unknown): value is Op {
  if (typeof value !== "object" || value === null) return false;
  const op = value as Record<string, unknown>;
  return (
    typeof op.op === "string" &&
    typeof op.id === "string" &&
    optional(op.name, "string") &&
    optional(op.displayName, "string") &&
    optional(op.opts, "object") &&
    optional(op.userland, "object") &&
    optional(op.timing, "object")
  );
}

function optional(value: unknown, type: "string" | "object"): boolean {
  return value === undefined || value === null || (typeof value === type && !Array.isArray(value));
}
