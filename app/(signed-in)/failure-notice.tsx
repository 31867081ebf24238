interface Props {
  failure: { code: string; message: string; action: string; retryable: boolean; correlationId: string | null };
  kind?: "bad" | "warn";
  before?: string;
  /** Whether it is read out as soon as it appears: for what answers something that the user just did. */
  isAlert?: boolean;
}

/** What happened, what the user can do, and the number by which the operator finds the cause: at once where that may be asked for. */
export function FailureNotice({ failure, kind = "bad", before, isAlert = false }: Props) {
  const { code, message, action, retryable, correlationId } = failure;
  return (
    <div className="notice" data-kind={kind} role={isAlert ? "alert" : undefined}>
      <p>
        {before} <strong>{message}</strong> {shortActions.get(code) ?? action}
      </p>
      {correlationId &&
        (retryable || code === "internal" ? (
          <p className="small">
            Code {code} · correlation id {correlationId}
          </p>
        ) : (
          <details className="small">
            <summary>Code {code}</summary> · correlation id {correlationId}
          </details>
        ))}
    </div>
  );
}

/** What is said shorter than by the API, because the screen has the rest elsewhere. */
const shortActions = new Map([["media_type_unsupported", "The upload form lists all types that can."]]);
