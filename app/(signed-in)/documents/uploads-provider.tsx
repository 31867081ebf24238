"use client";

import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { createUploadQueue, isUnfinished } from "./create-upload-queue.ts";
import { sendFile } from "./send-file.ts";
import { takeFiles } from "./take-files.ts";
import { useFileDrop } from "./use-file-drop.ts";
import { UploadsContext } from "./use-uploads.ts";

/** Keeps uploads going while its user moves between screens, asks before they are lost, and takes dropped files on every screen. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const [queue] = useState(() => createUploadQueue(sendFile));
  const router = useRouter();
  const isAway = usePathname() !== "/documents";

  const onDrop = useCallback(
    (transfer: DataTransfer) => {
      void takeFiles(transfer, queue);
      if (isAway) router.push("/documents");
    },
    [queue, router, isAway],
  );
  const isOver = useFileDrop(onDrop);

  useEffect(() => {
    const askBefore = (event: BeforeUnloadEvent) => {
      if (queue.view().uploads.some(isUnfinished)) event.preventDefault();
    };
    window.addEventListener("beforeunload", askBefore);
    return () => {
      window.removeEventListener("beforeunload", askBefore);
      // Nobody is signed in any more, and whoever signs in next does not send these.
      queue.drop(queue.view().uploads);
    };
  }, [queue]);

  const value = useMemo(() => ({ queue, isOver }), [queue, isOver]);
  return <UploadsContext value={value}>{children}</UploadsContext>;
}
