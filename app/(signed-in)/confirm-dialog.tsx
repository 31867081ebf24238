"use client";

import { type ReactNode, type RefObject, useId } from "react";

interface Props {
  ref: RefObject<HTMLDialogElement | null>;
  title: string;
  children: ReactNode;
  confirm: string;
  cancel: string;
  onConfirm: () => void;
}

/** Asks before what cannot be undone. It is opened by `showModal` of its ref. */
export function ConfirmDialog({ ref, title, children, confirm, cancel, onConfirm }: Props) {
  const titleId = useId();
  const close = () => ref.current?.close();
  return (
    <dialog ref={ref} aria-labelledby={titleId}>
      <div className="stack">
        <h2 id={titleId}>{title}</h2>
        <p className="muted">{children}</p>
        <div className="row">
          {/* The first one has the focus when the dialog opens: Enter must not confirm. */}
          <button type="button" onClick={close}>
            {cancel}
          </button>
          <button
            type="button"
            className="danger"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {confirm}
          </button>
        </div>
      </div>
    </dialog>
  );
}
