import { type NextRequest, NextResponse } from "next/server";
import { readEnv } from "#lib/env.ts";
import { createSessionClient } from "#lib/supabase/clients.ts";

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
  const { data } = await supabase.auth.getUser();
  const atSignIn = request.nextUrl.pathname === "/sign-in";
  if (data.user && atSignIn) return NextResponse.redirect(new URL("/documents", request.url));
  if (!data.user && !atSignIn) return NextResponse.redirect(new URL("/sign-in", request.url));
  return response;
}

// Not the API: the body of a request that passes here is cut at 10 MB, and the API reads the session by itself.
export const config = { matcher: ["/((?!api/|_next/|icon.svg|favicon.ico).*)"] };
