"use client";

import { createContext, useContext, useSyncExternalStore } from "react";
import type { UploadQueue, UploadsView } from "./create-upload-queue.ts";

export const UploadsContext = createContext<{ queue: UploadQueue; isOver: boolean } | null>(null);

/** The files that are being sent, ask or were refused, on whichever screen they were taken. */
export function useUploads(): UploadsView & { queue: UploadQueue; isOver: boolean } {
  const context = useContext(UploadsContext);
  if (!context) throw new Error("There is no UploadsProvider around this.");
  const { queue } = context;
  return { ...context, ...useSyncExternalStore(queue.watch, queue.view, queue.view) };
}
