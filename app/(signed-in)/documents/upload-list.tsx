"use client";

import { CostQuestions } from "./cost-questions.tsx";
import { isOnItsWay } from "./create-upload-queue.ts";
import { Fold } from "./fold.tsx";
import { formatCount } from "./format.ts";
import { RefusedFiles } from "./refused-files.tsx";
import { SendingFiles } from "./sending-files.tsx";
import { useUploads } from "./use-uploads.ts";

/** Files that ask, are on their way, were refused with what to do about it, or were there already. */
export function UploadList() {
  const { queue, uploads, done } = useUploads();
  const sending = uploads.filter(isOnItsWay);
  const duplicates = uploads.filter(({ state }) => state === "duplicate");
  return (
    <>
      <p role="status" className="visually-hidden">
        {sending.length > 0 && `Sending ${formatCount(done + sending.length, "file")}`}
      </p>
      {uploads.length > 0 && (
        <ul className="list" aria-label="Uploads">
          <CostQuestions asking={uploads.filter(({ state }) => state === "asking")} />
          <SendingFiles sending={sending} done={done} onStop={queue.drop} />
          <RefusedFiles uploads={uploads} onRetry={queue.retry} onDismiss={queue.drop} />
          {duplicates.length > 0 && (
            <Fold
              title={`${formatCount(duplicates.length, "file")} ${duplicates.length === 1 ? "was" : "were"} here already`}
              actions={
                <button type="button" className="quiet" onClick={() => queue.drop(duplicates)}>
                  Dismiss
                </button>
              }
            >
              {duplicates.map(({ id, name }) => (
                <li key={id}>{name}</li>
              ))}
            </Fold>
          )}
        </ul>
      )}
    </>
  );
}
