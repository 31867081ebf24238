import { posix } from "node:path";

/** The member that a reference in a part means. */
export function resolvePart(from: string, reference: string): string {
  const [path = ""] = reference.split("#");
  return posix.join("/", posix.dirname(from), decode(path)).slice(1);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
