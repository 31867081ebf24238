"use client";

import { usePathname } from "next/navigation";
import { isOnItsWay } from "#app/(signed-in)/documents/create-upload-queue.ts";
import { useUploads } from "#app/(signed-in)/documents/use-uploads.ts";
import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import styles from "./layout.module.css";

/** What the files do that were left on the screen of the documents, while one is on another. */
export function UploadStatus() {
  const isThere = usePathname() === "/documents";
  const { uploads } = useUploads();
  const sending = uploads.filter(isOnItsWay).length;
  const asking = uploads.filter(({ state }) => state === "asking").length;
  const refused = uploads.filter(({ state }) => state === "refused").length;
  const parts = [
    ...(asking > 0 ? [asking === 1 ? "1 file asks about its cost" : `${asking} files ask about their cost`] : []),
    ...(sending > 0 ? [sending === 1 ? "1 file is being sent" : `${sending} files are being sent`] : []),
    ...(refused > 0 ? [refused === 1 ? "1 file was refused" : `${refused} files were refused`] : []),
  ];
  if (isThere || parts.length === 0) return null;
  return (
    <p className={`small ${styles.uploads}`}>
      <ScreenLink href="/documents">{parts.join(" · ")}</ScreenLink>
    </p>
  );
}
