"use client";

import type { Upload } from "./create-upload-queue.ts";
import { askConsent, formatUsd } from "./describe-estimate.ts";
import { Fold } from "./fold.tsx";
import styles from "./upload-list.module.css";

const atMostOpen = 5;

/** Asks of each file whether it is to be made searchable at its cost; of many, it can be answered for all. */
export function CostQuestions({ asking }: { asking: Upload[] }) {
  if (asking.length <= atMostOpen) return asking.map((upload) => <CostQuestion key={upload.id} upload={upload} />);
  const cost = asking.reduce((sum, { estimate }) => sum + (estimate?.priceUsd ?? 0), 0);
  const decideAll = (isWanted: boolean) => {
    for (const { decide } of asking) decide?.(isWanted);
  };
  return (
    <Fold
      kind="warn"
      title={`${asking.length} files would cost about ${formatUsd(cost)} to make searchable. Go on?`}
      actions={
        <>
          <button type="button" className="primary" onClick={() => decideAll(true)}>
            Go on with all
          </button>
          <button type="button" onClick={() => decideAll(false)}>
            Leave all out
          </button>
        </>
      }
    >
      {asking.map((upload) => (
        <CostQuestion key={upload.id} upload={upload} />
      ))}
    </Fold>
  );
}

function CostQuestion({ upload: { name, estimate, decide } }: { upload: Upload }) {
  if (!estimate || !decide) return null;
  return (
    <li className={`notice ${styles.line}`} data-kind="warn">
      <span className={styles.text} role="alert">
        {askConsent(name, estimate)}
      </span>
      <span className="row">
        <button type="button" className="primary" aria-label={`Go on with ${name}`} onClick={() => decide(true)}>
          Go on
        </button>
        <button type="button" aria-label={`Leave it out: ${name}`} onClick={() => decide(false)}>
          Leave it out
        </button>
      </span>
    </li>
  );
}
