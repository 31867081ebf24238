import type { Problem } from "#app/call-api.ts";
import type { Estimate } from "#lib/documents/schema.ts";
import { needsConsent } from "./describe-estimate.ts";
import type { sendFile } from "./send-file.ts";

/** Files on their way at the same time; one whose cost is asked about does not count. */
const atOnce = 3;

export interface Upload {
  id: number;
  name: string;
  /** Null for what the browser could not read. */
  file: File | null;
  state: "waiting" | "sending" | "estimating" | "asking" | "refused" | "duplicate";
  /** How much of it has left the browser, 0 to 1. */
  share: number;
  problem: Problem | null;
  /** What embedding it comes to, once that is known. */
  estimate: Estimate | null;
  /** Whether it is to be embedded at that cost; set while the user is asked. */
  decide: ((isWanted: boolean) => void) | null;
}

/** What cannot even be sent. */
export interface Unsendable {
  name: string;
  problem: Problem;
}

export interface UploadsView {
  /** A file that was accepted leaves: the list of documents shows it. */
  uploads: readonly Upload[];
  /** How many were sent, and not refused, since the last time that none was on its way. */
  done: number;
}

export type UploadQueue = ReturnType<typeof createUploadQueue>;

export const isOnItsWay = ({ state }: Upload) => state === "waiting" || state === "sending" || state === "estimating";

export const withProblem = (upload: Upload): upload is Upload & { problem: Problem } => upload.problem !== null;

/** What would be lost if the tab were closed now. */
export const isUnfinished = (upload: Upload) => isOnItsWay(upload) || upload.state === "asking";

/** The files that a user sends, a few at a time. It knows no screen, so that sending goes on whichever is shown. */
export function createUploadQueue(send: typeof sendFile) {
  let view: UploadsView = { uploads: [], done: 0 };
  let lastId = 0;
  const watchers = new Set<() => void>();
  const acceptedWatchers = new Set<() => void>();
  const aborts = new Map<number, AbortController>();

  const show = (uploads: readonly Upload[], done = view.done) => {
    view = { uploads, done: uploads.some(isOnItsWay) ? done : 0 };
    for (const watcher of watchers) watcher();
  };
  const change = (id: number, changes: Partial<Upload>, done?: number) =>
    show(
      view.uploads.map((upload) => (upload.id === id ? { ...upload, ...changes } : upload)),
      done,
    );
  const without = (ids: readonly number[]) => {
    const gone = new Set(ids);
    return view.uploads.filter(({ id }) => !gone.has(id));
  };
  const create = (name: string, rest: Partial<Upload>): Upload => {
    lastId += 1;
    const begin = { file: null, state: "waiting", share: 0, problem: null, estimate: null, decide: null } as const;
    return { id: lastId, name, ...begin, ...rest };
  };

  const ask = (id: number, estimate: Estimate) => {
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
    fill();
    return promise;
  };
  const run = async (id: number, file: File) => {
    const abort = new AbortController();
    aborts.set(id, abort);
    change(id, { state: "sending" });
    const { outcome, problem } = await send(file, {
      signal: abort.signal,
      onProgress: (share) => change(id, { share }),
      onEstimating: () => change(id, { state: "estimating" }),
      consent: (estimate) => ask(id, estimate),
    });
    if (abort.signal.aborted) return;
    aborts.delete(id);
    if (problem) change(id, { state: "refused", problem });
    else if (outcome === "duplicate") change(id, { state: "duplicate" }, view.done + 1);
    else show(without([id]), view.done + 1);
    if (outcome === "accepted" || outcome === "duplicate") for (const watcher of acceptedWatchers) watcher();
    fill();
  };
  const fill = () => {
    const busy = view.uploads.filter(({ state }) => state === "sending" || state === "estimating").length;
    const next = view.uploads.filter(({ state }) => state === "waiting").slice(0, Math.max(atOnce - busy, 0));
    for (const { id, file } of next) if (file) void run(id, file);
  };

  return {
    view: () => view,
    /** Calls on every change of the view until the returned function is called. */
    watch: (watcher: () => void) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    /** Calls whenever a document has come to be, or was there already. */
    watchAccepted: (watcher: () => void) => {
      acceptedWatchers.add(watcher);
      return () => void acceptedWatchers.delete(watcher);
    },
    add: (files: Iterable<File>) => {
      show([...view.uploads, ...[...files].map((file) => create(file.name, { file }))]);
      fill();
    },
    refuse: ({ name, problem }: Unsendable) => show([...view.uploads, create(name, { state: "refused", problem })]),
    retry: (uploads: readonly Upload[]) => {
      const again = new Set(uploads.filter(({ problem }) => problem?.retryable));
      const begin = { state: "waiting", share: 0, problem: null, estimate: null } as const;
      show(view.uploads.map((upload) => (again.has(upload) ? { ...upload, ...begin } : upload)));
      fill();
    },
    /** Drops uploads in whatever state; what is being sent of them is broken off. */
    drop: (uploads: readonly Upload[]) => {
      const ids = uploads.map(({ id }) => id);
      for (const id of ids) {
        aborts.get(id)?.abort();
        aborts.delete(id);
      }
      show(without(ids));
      fill();
    },
  };
}
