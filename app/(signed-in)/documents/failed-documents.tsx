"use client";

import { useState } from "react";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { callApi, type Problem } from "#app/call-api.ts";
import { bulkAcceptedSchema } from "#lib/documents/schema.ts";

/** Offers to try all failed documents once more; nothing while there are less than two. */
export function FailedDocuments({ count, onQueued }: { count: number; onQueued: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  if (count < 2) return null;

  const retryAll = async () => {
    setIsBusy(true);
    const answer = await callApi(bulkAcceptedSchema, "/api/documents/reprocess", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ status: "error" }),
    });
    setIsBusy(false);
    setProblem(answer.problem);
    if (!answer.problem) onQueued();
  };
  return (
    <div className="row spread notice" data-kind="warn">
      <span>{count} documents could not be read or embedded.</span>
      <button type="button" disabled={isBusy} onClick={retryAll}>
        Try all {count} again
      </button>
      {problem && <FailureNotice failure={problem} isAlert />}
    </div>
  );
}
