import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import type { DocumentView } from "#lib/documents/schema.ts";
import { describeWork, isInWork, statusNames } from "./format.ts";

export function StatusBadge({ status }: { status: DocumentView["status"] }) {
  return (
    <span className="badge" data-status={status}>
      {statusNames[status]}
    </span>
  );
}

/** Progress while in work; the error with what to do; the warnings. */
export function DocumentState({ document }: { document: DocumentView }) {
  const { status, error, warnings, progress, title } = document;
  return (
    <>
      {isInWork(document) && (
        <div className="stack">
          <progress max={100} value={progress.percent} aria-label={`Progress of ${title}`} />
          <span className="muted small">
            {describeWork(document)} · {progress.percent} %
          </span>
        </div>
      )}
      {error && (
        <FailureNotice
          failure={error}
          kind={status === "ready" ? "warn" : "bad"}
          before={status === "ready" ? "The last reprocess failed; what was there before is still searchable." : ""}
        />
      )}
      {warnings.map((warning) => (
        <p key={warning.code + warning.message} className="notice" data-kind="warn">
          {warning.message}
        </p>
      ))}
    </>
  );
}
