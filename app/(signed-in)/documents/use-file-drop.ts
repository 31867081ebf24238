"use client";

import { useEffect, useState } from "react";

/** Takes files that are dropped anywhere on the page, which the browser would open in its place. Tells whether some are held over it. */
export function useFileDrop(onDrop: (transfer: DataTransfer) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const whenFiles = (act: (transfer: DataTransfer) => void) => (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      act(event.dataTransfer);
    };
    const over = whenFiles(() => setIsOver(true));
    const drop = whenFiles((transfer) => {
      setIsOver(false);
      onDrop(transfer);
    });
    // Only what leaves the page comes from nothing else on it.
    const leave = ({ relatedTarget }: DragEvent) => relatedTarget === null && setIsOver(false);
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [onDrop]);
  return isOver;
}
