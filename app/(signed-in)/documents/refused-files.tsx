"use client";

import { actionOf, isOperators, traceOf } from "#app/(signed-in)/failure-notice.tsx";
import type { Problem } from "#app/call-api.ts";
import { type Upload, withProblem } from "./create-upload-queue.ts";
import styles from "./upload-list.module.css";

/** More names than these are folded. */
const atMostOpen = 5;

interface Props {
  uploads: readonly Upload[];
  onRetry: (uploads: Upload[]) => void;
  onDismiss: (uploads: Upload[]) => void;
}

/** Files that were refused, with the reason and what to do about it; those about which the same is to be done, together. */
export function RefusedFiles({ uploads, ...actions }: Props) {
  const groups = Map.groupBy(uploads.filter(withProblem), ({ problem }) => actionOf(problem));
  return [...groups].map(([action, group]) => <RefusedGroup key={action} action={action} group={group} {...actions} />);
}

interface GroupProps extends Omit<Props, "uploads"> {
  action: string;
  group: (Upload & { problem: Problem })[];
}

function RefusedGroup({ action, group, onRetry, onDismiss }: GroupProps) {
  const [first] = group;
  const isOne = group.length === 1;
  return (
    <li className={`notice ${styles.line}`} data-kind="bad">
      <div className={styles.text}>
        <p role="alert">
          {isOne && first ? (
            <>
              <strong>{first.name}</strong>: {first.problem.message} {action} <Trace problem={first.problem} />
            </>
          ) : (
            <>
              <strong>{group.length} files were refused.</strong> {action}
            </>
          )}
        </p>
        {!isOne && (
          <details open={group.length <= atMostOpen}>
            <summary>Which, and why</summary>
            <ul className={styles.folded}>
              {group.map(({ id, name, problem }) => (
                <li key={id}>
                  <strong>{name}</strong>: {problem.message} <Trace problem={problem} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <span className="row">
        {group.some(({ problem }) => problem.retryable) && (
          <button type="button" onClick={() => onRetry(group)}>
            {isOne ? "Try again" : "Try all again"}
          </button>
        )}
        <button type="button" className="quiet" onClick={() => onDismiss(group)}>
          {isOne ? "Dismiss" : "Dismiss all"}
        </button>
      </span>
    </li>
  );
}

function Trace({ problem }: { problem: Problem }) {
  if (!problem.correlationId || !isOperators(problem)) return null;
  return <span className={styles.trace}>{traceOf(problem)}</span>;
}
