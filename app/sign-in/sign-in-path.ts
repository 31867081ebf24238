import { readNext } from "#app/sign-in/read-next.ts";

/** The address of the sign-in that leads on to `path`; named only where it is not where a sign-in leads anyway. */
export function signInPath(path: string): string {
  return path === "/" || readNext(path) === readNext(null) ? "/sign-in" : `/sign-in?next=${encodeURIComponent(path)}`;
}
