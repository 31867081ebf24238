interface Shown {
  code: string;
  message: string;
  action: string;
  retryable: boolean;
  correlationId: string | null;
}

interface Props {
  failure: Shown;
  kind?: "bad" | "warn";
  before?: string;
  /** Whether it is read out as soon as it appears: for what answers something that the user just did. */
  isAlert?: boolean;
}

/** What happened, what the user can do, and the number by which the operator finds the cause: at once where that may be asked for. */
export function FailureNotice({ failure, kind = "bad", before, isAlert = false }: Props) {
  const { code, message } = failure;
  return (
    <div className="notice" data-kind={kind} role={isAlert ? "alert" : undefined}>
      <p>
        {before} <strong>{message}</strong> {actionOf(failure)}
      </p>
      {failure.correlationId &&
        (isOperators(failure) ? (
          <p className="small">{traceOf(failure)}</p>
        ) : (
          <details className="small">
            <summary>Code {code}</summary> · correlation id {failure.correlationId}
          </details>
        ))}
    </div>
  );
}

/** What the user can do; said shorter than by the API where the screen has the rest elsewhere. */
export function actionOf({ code, action }: Shown): string {
  return code === "media_type_unsupported" ? "The upload form lists all types that can." : action;
}

/** By what the operator finds the cause. */
export function traceOf({ code, correlationId }: Shown): string {
  return `Code ${code} · correlation id ${correlationId}`;
}

/** Whether the operator may be asked about it. */
export function isOperators({ code, retryable }: Shown): boolean {
  return retryable || code === "internal";
}
