const start = "/documents";
const here = "http://here.invalid";

/** Where a sign-in leads: the path of this product that was asked for, and never anywhere else; else the documents. */
export function readNext(next: unknown): string {
  if (typeof next !== "string" || !/^\/(?!\/)[^\\\p{Cc}]*$/u.test(next) || !URL.canParse(next, here)) return start;
  const { origin, pathname } = new URL(next, here);
  return origin === here && !pathname.startsWith("//") ? next : start;
}
