/** Files by the SHA-256 (hex) of their bytes. */
export interface RecentOriginals {
  keep(sha256: string, bytes: Uint8Array): void;
  /** Gives it away: whoever asks a second time fetches it. */
  take(sha256: string): Uint8Array | undefined;
}

interface Limits {
  mostBytes: number;
  longestMs: number;
}

/** Keeps the latest files in memory, so many bytes of them and each so long. */
export function createRecentOriginals({ mostBytes, longestMs }: Limits): RecentOriginals {
  const originals = new Map<string, { bytes: Uint8Array; timer: NodeJS.Timeout }>();
  let size = 0;

  function take(sha256: string): Uint8Array | undefined {
    const kept = originals.get(sha256);
    if (!kept) return undefined;
    clearTimeout(kept.timer);
    originals.delete(sha256);
    size -= kept.bytes.byteLength;
    return kept.bytes;
  }

  return {
    take,
    keep(sha256, bytes) {
      take(sha256);
      if (bytes.byteLength > mostBytes) return;
      const timer = setTimeout(() => take(sha256), longestMs).unref();
      originals.set(sha256, { bytes, timer });
      size += bytes.byteLength;
      for (const oldest of originals.keys()) {
        if (size <= mostBytes) return;
        take(oldest);
      }
    },
  };
}

/** Files that this process has just taken in: the run that reads one is as a rule about to begin in the same process. */
export const recentOriginals = createRecentOriginals({ mostBytes: 32 * 1024 * 1024, longestMs: 60_000 });
