interface Props {
  failure: { code: string; message: string; action: string; correlationId: string | null };
  kind?: "bad" | "warn";
  before?: string;
  /** Whether it is read out as soon as it appears: for what answers something that the user just did. */
  isAlert?: boolean;
}

/** What happened, what the user can do, and the number by which the operator finds the cause. */
export function FailureNotice({ failure, kind = "bad", before, isAlert = false }: Props) {
  const { code, message, action, correlationId } = failure;
  return (
    <div className="notice" data-kind={kind} role={isAlert ? "alert" : undefined}>
      <p>
        {before} <strong>{message}</strong> {action}
      </p>
      {correlationId && (
        <p className="small">
          Code {code} · correlation id {correlationId}
        </p>
      )}
    </div>
  );
}
