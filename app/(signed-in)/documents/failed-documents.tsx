"use client";

import { useState } from "react";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { callApi, type Problem } from "#app/call-api.ts";
import { type BulkReprocess, bulkAcceptedSchema } from "#lib/documents/schema.ts";
import { failureCodes, mayReprocessHelp } from "#lib/errors.ts";
import { formatCount, formatNumber } from "./format.ts";

/** The failed ones that a new try may help. */
const worthTrying: BulkReprocess = { status: "error", codes: failureCodes.filter(mayReprocessHelp) };

interface Props {
  count: number;
  /** How many of them a new try may help. */
  worthReprocessing: number;
  onQueued: () => void;
  /** Whether they alone are shown. */
  isShown: boolean;
  onShow: (isWanted: boolean) => void;
}

/** Tells that documents failed, and offers to try them once more where that may help; nothing while there are less than two. */
export function FailedDocuments({ count, worthReprocessing, onQueued, isShown, onShow }: Props) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  if (count < 2) return null;
  const canTry = worthReprocessing > 1;

  const tryAgain = async () => {
    setIsBusy(true);
    const answer = await callApi(bulkAcceptedSchema, "/api/documents/reprocess", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(worthTrying),
    });
    setIsBusy(false);
    setProblem(answer.problem);
    if (!answer.problem) onQueued();
  };
  return (
    <div className="row spread notice" data-kind="warn">
      <span>
        {formatCount(count, "file")} failed
        {canTry && worthReprocessing < count && `; a new try may help ${formatNumber(worthReprocessing)} of them`}.
      </span>
      <span className="row">
        {canTry && (
          <button type="button" disabled={isBusy} onClick={tryAgain}>
            {worthReprocessing === count
              ? `Try all ${formatNumber(count)} again`
              : `Try these ${formatNumber(worthReprocessing)} again`}
          </button>
        )}
        <button type="button" onClick={() => onShow(!isShown)}>
          {isShown ? "Show all" : "Show them"}
        </button>
      </span>
      {problem && <FailureNotice failure={problem} isAlert />}
    </div>
  );
}
