"use client";

import { useRef, useState } from "react";
import { z } from "zod";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { callApi, type Problem } from "#app/call-api.ts";
import type { DocumentView } from "#lib/documents/schema.ts";
import { isInWork } from "./format.ts";

interface Props {
  document: DocumentView;
  /** Has the document read anew. */
  onChanged: () => Promise<void>;
  onDeleted: () => void;
}

/** What a user can do with a document. Deleting asks first, for it cannot be undone; going back can be taken back by the same button. */
export function DocumentActions({ document, onChanged, onDeleted }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [isAskedAgain, setIsAskedAgain] = useState(false);
  const path = `/api/documents/${document.id}`;
  const takesAlong = document.attachments.some(({ documentId }) => documentId !== null);

  const act = async (url: string, method: string, done: () => Promise<void> | void) => {
    setIsBusy(true);
    setIsAskedAgain(false);
    const answer = await callApi(z.unknown(), url, { method });
    setProblem(answer.problem);
    if (!answer.problem) await done();
    setIsBusy(false);
  };
  // A small document is ready again before the list shows it in work, so that it is said in words.
  const reprocess = () =>
    act(`${path}/reprocess`, "POST", async () => {
      await onChanged();
      setIsAskedAgain(true);
    });
  const confirm = () => {
    dialog.current?.close();
    void act(path, "DELETE", onDeleted);
  };
  return (
    <div className="row">
      <span role="status" className="muted small">
        {isAskedAgain && document.status === "ready" && !document.error && "Read again"}
      </span>
      {isInWork(document) ? (
        <button type="button" disabled={isBusy} onClick={() => act(`${path}/cancel`, "POST", onChanged)}>
          Cancel
        </button>
      ) : (
        <button type="button" disabled={isBusy} onClick={reprocess}>
          Reprocess
        </button>
      )}
      {document.canRollBack && (
        <button
          type="button"
          disabled={isBusy}
          title="Search the passages from before the last reprocess again"
          onClick={() => act(`${path}/rollback`, "POST", onChanged)}
        >
          Use the former index
        </button>
      )}
      <button type="button" className="danger" disabled={isBusy} onClick={() => dialog.current?.showModal()}>
        Delete
      </button>
      {problem && <FailureNotice failure={problem} isAlert />}
      <dialog ref={dialog} aria-label={`Delete ${document.title}?`}>
        <div className="stack">
          <h2>Delete “{document.title}”?</h2>
          <p className="muted">
            The file, its passages and its vectors are removed
            {takesAlong ? ", and so are the documents that came only with it" : ""}. This cannot be undone.
          </p>
          <div className="row">
            <button type="button" className="danger" onClick={confirm}>
              Delete it
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Keep it
            </button>
          </div>
        </div>
      </dialog>
    </div>
  );
}
