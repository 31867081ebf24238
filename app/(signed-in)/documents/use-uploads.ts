"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { Problem } from "#app/call-api.ts";
import { sendFile } from "./send-file.ts";

/** Files on their way at the same time. */
const atOnce = 3;

export interface Upload {
  id: number;
  file: File;
  state: "waiting" | "sending" | "refused" | "duplicate";
  share: number;
  problem: Problem | null;
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
      change(id, { state: "waiting", problem: null, share: 0 });
    },
    [change],
  );
  const add = useCallback((files: Iterable<File>) => {
    const added = [...files].map((file): Upload => {
      nextId.current += 1;
      return { id: nextId.current, file, state: "waiting", share: 0, problem: null };
    });
    setUploads((all) => [...all, ...added]);
  }, []);

  useEffect(() => {
    const sending = uploads.filter(({ state }) => state === "sending").length;
    for (const { id, file } of uploads
      .filter(({ state }) => state === "waiting")
      .slice(0, Math.max(atOnce - sending, 0))) {
      if (begun.current.has(id)) continue;
      begun.current.add(id);
      change(id, { state: "sending" });
      void sendFile(file, (share) => change(id, { share })).then(({ problem, duplicate }) => {
        if (problem) change(id, { state: "refused", problem });
        else if (duplicate) change(id, { state: "duplicate" });
        else dismiss(id);
        if (!problem) onAccepted();
      });
    }
  }, [uploads, change, dismiss, onAccepted]);

  return { uploads, add, dismiss, retry };
}
