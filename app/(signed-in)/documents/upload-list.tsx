"use client";

import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { describeEstimate, formatUsd } from "./describe-estimate.ts";
import type { Upload } from "./use-uploads.ts";

interface Props {
  uploads: Upload[];
  onRetry: (id: number) => void;
  onDismiss: (id: number) => void;
}

/** Files on their way, and those that were refused with what to do about it. */
export function UploadList({ uploads, onRetry, onDismiss }: Props) {
  if (uploads.length === 0) return null;
  return (
    <ul className="list" aria-label="Uploads" aria-live="polite">
      {uploads.map((upload) => (
        <li key={upload.id} className="card stack">
          <div className="row spread">
            <strong>{upload.file.name}</strong>
            {(upload.state === "refused" || upload.state === "duplicate") && (
              <span className="row">
                {upload.problem?.retryable && (
                  <button type="button" onClick={() => onRetry(upload.id)}>
                    Try again
                  </button>
                )}
                <button type="button" className="quiet" onClick={() => onDismiss(upload.id)}>
                  Dismiss
                </button>
              </span>
            )}
          </div>
          <UploadState upload={upload} />
        </li>
      ))}
    </ul>
  );
}

function UploadState({ upload }: { upload: Upload }) {
  const { file, state, share, problem, estimate } = upload;
  if (state === "duplicate") return <p className="notice">You have this file already; nothing had to be done.</p>;
  if (problem) return <FailureNotice failure={problem} isAlert />;
  if (state === "asking") return <CostQuestion upload={upload} />;
  if (estimate) return <p className="muted small">{describeEstimate(estimate)}</p>;
  if (state === "estimating") return <p className="muted small">Reading it to estimate what embedding it costs</p>;
  const percent = Math.round(share * 100);
  return (
    <>
      <progress max={100} value={percent} aria-label={`Sending ${file.name}`} />
      <span className="muted small">{state === "waiting" ? "Waiting to be sent" : `Sending, ${percent} %`}</span>
    </>
  );
}

function CostQuestion({ upload: { file, estimate, decide } }: { upload: Upload }) {
  if (!estimate || !decide) return null;
  return (
    <div className="row spread notice" data-kind="warn">
      <span>
        {describeEstimate(estimate)} with {estimate.model}, by the prices of {estimate.pricedAt}.
      </span>
      <span className="row">
        <button type="button" className="primary" onClick={() => decide(true)}>
          Embed {file.name} for {formatUsd(estimate.priceUsd ?? 0)}
        </button>
        <button type="button" onClick={() => decide(false)}>
          Leave it out
        </button>
      </span>
    </div>
  );
}
