/** What a failed run's error looks like in events and to whoever invoked it, made of what the SDK answered. */
export function describeError(thrown: unknown): Record<string, unknown> {
  const fallback = "Unknown error";
  if (typeof thrown !== "object" || thrown === null) {
    const message = typeof thrown === "string" && thrown !== "" ? thrown : fallback;
    return { error: message, name: "Error", message };
  }
  const { error, name, message, stack, cause } = thrown as Record<string, unknown>;
  const text = typeof message === "string" ? message : typeof error === "string" ? error : fallback;
  return {
    // The SDK's own errors come without this field; the server then names the kind of its answer.
    error: typeof error === "string" ? error : "NonRetriableError",
    name: typeof name === "string" ? name : "Error",
    message: text,
    ...(typeof stack === "string" ? { stack } : {}),
    ...(cause === undefined ? {} : { cause }),
  };
}
