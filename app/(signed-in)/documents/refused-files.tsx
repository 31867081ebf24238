"use client";

import type { Upload } from "./create-upload-queue.ts";
import { Fold } from "./fold.tsx";
import styles from "./upload-list.module.css";

const atMostOpen = 5;

interface Props {
  refused: Upload[];
  onRetry: (uploads: Upload[]) => void;
  onDismiss: (uploads: Upload[]) => void;
}

/** Files that were refused, with the reason and what to do about it. */
export function RefusedFiles({ refused, onRetry, onDismiss }: Props) {
  const files = refused.map((upload) => (
    <RefusedFile key={upload.id} upload={upload} onRetry={onRetry} onDismiss={onDismiss} />
  ));
  if (files.length <= atMostOpen) return files;
  return (
    <Fold
      kind="bad"
      title={`${files.length} files were refused`}
      actions={
        <>
          {refused.some(({ problem }) => problem?.retryable) && (
            <button type="button" onClick={() => onRetry(refused)}>
              Try all again
            </button>
          )}
          <button type="button" className="quiet" onClick={() => onDismiss(refused)}>
            Dismiss all
          </button>
        </>
      }
    >
      {files}
    </Fold>
  );
}

function RefusedFile({ upload, onRetry, onDismiss }: Omit<Props, "refused"> & { upload: Upload }) {
  const { name, problem } = upload;
  if (!problem) return null;
  const { code, message, action, retryable, correlationId } = problem;
  return (
    <li className={`notice ${styles.line}`} data-kind="bad">
      <span className={styles.text} role="alert">
        <strong>{name}</strong>: {message} {action}
        {correlationId && (
          <span className="small">
            {" "}
            Code {code} · correlation id {correlationId}
          </span>
        )}
      </span>
      <span className="row">
        {retryable && (
          <button type="button" aria-label={`Try again: ${name}`} onClick={() => onRetry([upload])}>
            Try again
          </button>
        )}
        <button type="button" className="quiet" aria-label={`Dismiss ${name}`} onClick={() => onDismiss([upload])}>
          Dismiss
        </button>
      </span>
    </li>
  );
}
