/** Preloaded into the engine: at SIGUSR2 it writes what is resident and, after collections, what is kept. */
process.on("SIGUSR2", () => {
  const { rss } = process.memoryUsage();
  globalThis.gc?.();
  // What the first collection let go of, buffers and closed sockets, is free after a second one.
  setImmediate(() => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    process.stderr.write(`memory ${JSON.stringify({ residentBytes: rss, keptBytes: heapUsed + external })}\n`);
  });
});
