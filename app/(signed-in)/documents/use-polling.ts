"use client";

import { useEffect } from "react";

/** How often is asked: while something is in work, and otherwise, in milliseconds. What waits for the engine goes on by itself. */
const busyMs = 1000;
const idleMs = 10_000;

/** Calls `refresh` at once and whenever it is another one, and again and again while the tab is seen. */
export function usePolling(refresh: () => Promise<void>, isBusy: boolean): void {
  useEffect(() => {
    void refresh();
  }, [refresh]);
  useEffect(() => {
    const refreshIfSeen = () => document.visibilityState === "visible" && void refresh();
    const timer = setInterval(refreshIfSeen, isBusy ? busyMs : idleMs);
    document.addEventListener("visibilitychange", refreshIfSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", refreshIfSeen);
    };
  }, [refresh, isBusy]);
}
