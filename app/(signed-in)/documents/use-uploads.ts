"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { Problem } from "#app/call-api.ts";
import type { Estimate } from "#lib/documents/schema.ts";
import { needsConsent } from "./describe-estimate.ts";
import { sendFile } from "./send-file.ts";

/** Files on their way at the same time. */
const atOnce = 3;

export interface Upload {
  id: number;
  file: File;
  state: "waiting" | "sending" | "estimating" | "asking" | "refused" | "duplicate";
  share: number;
  problem: Problem | null;
  /** What embedding it comes to, once that is known. */
  estimate: Estimate | null;
  /** Whether it is to be embedded at that cost; set while the user is asked. */
  decide: ((isWanted: boolean) => void) | null;
}

/** The files that are being sent or were refused. One that was accepted leaves: the list of documents shows it. */
export function useUploads(onAccepted: () => void) {
  const [uploads, setUploads] = useState<Upload[]>([]);
  const nextId = useRef(0);
  const begun = useRef(new Set<number>());

  const change = useCallback((id: number, changes: Partial<Upload>) => {
    setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, ...changes } : upload)));
  }, []);
  const dismiss = useCallback((id: number) => setUploads((all) => all.filter((upload) => upload.id !== id)), []);
  const retry = useCallback(
    (id: number) => {
      begun.current.delete(id);
      change(id, { state: "waiting", problem: null, share: 0, estimate: null });
    },
    [change],
  );
  const add = useCallback((files: Iterable<File>) => {
    const added = [...files].map((file): Upload => {
      nextId.current += 1;
      return { id: nextId.current, file, state: "waiting", share: 0, problem: null, estimate: null, decide: null };
    });
    setUploads((all) => [...all, ...added]);
  }, []);

  const ask = useCallback(
    (id: number, estimate: Estimate) => {
      if (!needsConsent(estimate)) {
        change(id, { estimate });
        return Promise.resolve(true);
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const decide = (isWanted: boolean) => {
        change(id, { state: "estimating", decide: null });
        resolve(isWanted);
      };
      change(id, { state: "asking", estimate, decide });
      return promise;
    },
    [change],
  );

  useEffect(() => {
    const sending = uploads.filter(({ state }) => state === "sending").length;
    for (const { id, file } of uploads
      .filter(({ state }) => state === "waiting")
      .slice(0, Math.max(atOnce - sending, 0))) {
      if (begun.current.has(id)) continue;
      begun.current.add(id);
      change(id, { state: "sending" });
      const listener = {
        onProgress: (share: number) => change(id, { share }),
        onEstimating: () => change(id, { state: "estimating" }),
        consent: (estimate: Estimate) => ask(id, estimate),
      };
      void sendFile(file, listener).then(({ outcome, problem }) => {
        if (problem) change(id, { state: "refused", problem });
        else if (outcome === "duplicate") change(id, { state: "duplicate" });
        else dismiss(id);
        if (!problem) onAccepted();
      });
    }
  }, [uploads, change, dismiss, ask, onAccepted]);

  return { uploads, add, dismiss, retry };
}
