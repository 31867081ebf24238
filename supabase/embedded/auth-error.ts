/** The codes of Supabase Auth that this server gives itself (supabase/auth, internal/api/apierrors/errorcode.go). */
const codes = {
  email_exists: [422, "A user with this email address has already been registered"],
  no_authorization: [401, "This endpoint requires a valid Bearer token"],
  not_admin: [403, "User not allowed"],
  not_found: [404, "Not found"],
  unexpected_failure: [500, "Unexpected failure, please check server logs for more information"],
  user_not_found: [404, "User not found"],
  validation_failed: [400, "Validation failed"],
  weak_password: [422, "Password should be at least 6 characters."],
} as const satisfies Record<string, readonly [number, string]>;

export interface AuthError extends Error {
  status: number;
  body: { code: number; error_code: string; msg: string };
}

export function authError(code: keyof typeof codes, message?: string): AuthError {
  const [status, words] = codes[code];
  const error = new Error(message ?? words);
  return Object.assign(error, { status, body: { code: status, error_code: code, msg: error.message } });
}

export function isAuthError(error: unknown): error is AuthError {
  return error instanceof Error && "status" in error && "body" in error;
}
