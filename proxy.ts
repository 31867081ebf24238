import { type NextRequest, NextResponse } from "next/server";
import { readNext } from "#app/sign-in/read-next.ts";
import { signInPath } from "#app/sign-in/sign-in-path.ts";
import { readEnv } from "#lib/env.ts";
import { createSessionClient } from "#lib/supabase/clients.ts";
import { readUserId } from "#lib/supabase/read-user-id.ts";

/** Renews the session before a screen is made, and sends visitors without one to the sign-in. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  let response = NextResponse.next({ request });
  const supabase = createSessionClient(readEnv(), {
    getAll: () => request.cookies.getAll(),
    setAll: (changed, headers) => {
      for (const { name, value } of changed) request.cookies.set(name, value);
      response = NextResponse.next({ request });
      for (const { name, value, options } of changed) response.cookies.set(name, value, options);
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    },
  });
  const { pathname, search, searchParams } = request.nextUrl;
  const atSignIn = pathname === "/sign-in";
  // The screens ask Auth whether the session is still there. If the sign-in went by the token, which outlives it, visitors would be
  // sent from one to the other.
  const isSignedIn = atSignIn
    ? Boolean((await supabase.auth.getUser()).data.user)
    : await readUserId(supabase).then(
        () => true,
        () => false,
      );
  if (isSignedIn && atSignIn) return NextResponse.redirect(new URL(readNext(searchParams.get("next")), request.url));
  if (!isSignedIn && !atSignIn) return NextResponse.redirect(new URL(signInPath(pathname + search), request.url));
  return response;
}

// Not the API: the body of a request that passes here is cut at 10 MB, and the API reads the session by itself.
export const config = { matcher: ["/((?!api/|_next/|icon.svg|favicon.ico).*)"] };
