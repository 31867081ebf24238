/** Has `task` run for whoever asks, one run at a time: all who ask while it runs share one more run after it. */
export function oneAtATime(task: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  let waiting: Promise<void> | null = null;
  return () => {
    if (waiting) return waiting;
    last = last
      .catch(() => undefined)
      .then(() => {
        waiting = null;
        return task();
      });
    waiting = last;
    return last;
  };
}
