"use client";

import { useRef } from "react";
import { ConfirmDialog } from "#app/(signed-in)/confirm-dialog.tsx";
import type { Upload } from "./create-upload-queue.ts";
import { describeEstimate } from "./describe-estimate.ts";
import { formatCount } from "./format.ts";
import styles from "./upload-list.module.css";

/** More than these are told together. */
const atMostSingle = 3;

interface Props {
  sending: Upload[];
  /** How many that came with them have been sent. */
  done: number;
  onStop: (uploads: Upload[]) => void;
}

export function SendingFiles({ sending, done, onStop }: Props) {
  if (sending.length === 0) return null;
  if (done + sending.length > atMostSingle) return <ManyFiles sending={sending} done={done} onStop={onStop} />;
  return sending.map((upload) => (
    <li key={upload.id} className="card stack">
      <div className={styles.line}>
        <strong className={styles.text}>{upload.name}</strong>
        <button type="button" aria-label={`Stop ${upload.name}`} onClick={() => onStop([upload])}>
          Stop
        </button>
      </div>
      {(upload.state === "waiting" || upload.state === "sending") && (
        <progress className={styles.bar} max={1} value={upload.share} aria-label={`Sending ${upload.name}`} />
      )}
      <span className="muted small">{describeState(upload)}</span>
    </li>
  ));
}

function ManyFiles({ sending, done, onStop }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const total = done + sending.length;
  const shares = sending.reduce((sum, { share }) => sum + share, 0);
  const now = sending.filter(({ state }) => state !== "waiting").map(({ name }) => name);
  return (
    <li className="card stack">
      <div className={styles.line}>
        <strong className={styles.text}>
          {done} of {formatCount(total, "file")} sent
        </strong>
        <button type="button" onClick={() => dialog.current?.showModal()}>
          Stop
        </button>
      </div>
      <progress className={styles.bar} max={total} value={done + shares} aria-label={`Sending ${total} files`} />
      <span className={`muted small ${styles.now}`}>Now: {now.join(", ")}</span>
      <ConfirmDialog ref={dialog} title="Stop sending?" confirm="Stop" cancel="Go on" onConfirm={() => onStop(sending)}>
        {formatCount(sending.length, "file")} would be left out. What has been sent stays.
      </ConfirmDialog>
    </li>
  );
}

function describeState({ state, share, estimate }: Upload): string {
  if (estimate) return describeEstimate(estimate);
  if (state === "estimating") return "Reading it to estimate what it costs to make searchable";
  if (state === "waiting") return "Waiting to be sent";
  return share < 1 ? `Sending, ${Math.floor(share * 100)} %` : "Sent; the server looks at it";
}
