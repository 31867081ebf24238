"use client";

import { useRef, useState } from "react";
import { z } from "zod";
import { ConfirmDialog } from "#app/(signed-in)/confirm-dialog.tsx";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { callApi, type Problem } from "#app/call-api.ts";
import type { DocumentView } from "#lib/documents/schema.ts";
import { mayReprocessHelp } from "#lib/errors.ts";
import { isInWork } from "./format.ts";

interface Props {
  document: DocumentView;
  /** Has the document read anew. */
  onChanged: () => Promise<void>;
  onDeleted: () => Promise<void> | void;
}

/** What a user can do with a document. Deleting asks first, for it cannot be undone; going back can be taken back by the same button. */
export function DocumentActions({ document, onChanged, onDeleted }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [done, setDone] = useState<"reprocess" | "rollback" | null>(null);
  const path = `/api/documents/${document.id}`;
  const takesAlong = document.attachments.some(({ documentId }) => documentId !== null);

  const act = async (url: string, method: string, follow: () => Promise<void> | void) => {
    if (isBusy) return;
    setIsBusy(true);
    setDone(null);
    const answer = await callApi(z.unknown(), url, { method });
    setProblem(answer.problem);
    if (!answer.problem) await follow();
    setIsBusy(false);
  };
  const post = (action: "cancel" | "reprocess" | "rollback") =>
    act(`${path}/${action}`, "POST", async () => {
      await onChanged();
      if (action !== "cancel") setDone(action);
    });
  const { name, look } = nameMainAction(document);
  return (
    <div className="row">
      {/* One button under two names, and none of them ever disabled: that would take the focus away from whoever just pressed it. */}
      <button
        type="button"
        className={look}
        aria-disabled={isBusy}
        // The second click of a double click would meet the button under its other name.
        onClick={({ detail }) => detail < 2 && post(isInWork(document) ? "cancel" : "reprocess")}
      >
        {name}
      </button>
      {document.canRollBack && (
        <button
          type="button"
          aria-disabled={isBusy}
          title={
            document.isRolledBack
              ? "Search the passages of the last reprocess again"
              : "Search the passages from before the last reprocess again"
          }
          onClick={() => post("rollback")}
        >
          {document.isRolledBack ? "Redo reprocess" : "Undo reprocess"}
        </button>
      )}
      <button
        type="button"
        className="danger"
        aria-disabled={isBusy}
        onClick={() => !isBusy && dialog.current?.showModal()}
      >
        Delete
      </button>
      {problem && <FailureNotice failure={problem} isAlert />}
      <ConfirmDialog
        ref={dialog}
        title={`Delete “${document.title}”?`}
        confirm="Delete it"
        cancel="Keep it"
        onConfirm={() => void act(path, "DELETE", onDeleted)}
      >
        The file and all its passages are removed
        {takesAlong ? ", and so are the documents that came only with it" : ""}. This cannot be undone.
      </ConfirmDialog>
      <span role="status" className="muted small">
        {describeDone(done, document)}
      </span>
    </div>
  );
}

function nameMainAction({ status, error }: DocumentView): { name: string; look?: "primary" | "quiet" } {
  if (isInWork({ status })) return { name: "Cancel" };
  if (status === "cancelled") return { name: "Start again" };
  if (!error) return { name: "Reprocess" };
  return mayReprocessHelp(error.code) ? { name: "Try again", look: "primary" } : { name: "Try anyway", look: "quiet" };
}

/** What was done, in words: a small document is ready again before it is shown in work, and which passages are searched is not seen. */
function describeDone(done: "reprocess" | "rollback" | null, { status, error, isRolledBack }: DocumentView): string {
  if (!done || status !== "ready" || error) return "";
  if (done === "reprocess") return "Read again";
  return isRolledBack ? "The former passages are searched again" : "The newer passages are searched again";
}
