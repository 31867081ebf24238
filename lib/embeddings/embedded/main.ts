import type { AddressInfo } from "node:net";
import { constants, setPriority } from "node:os";
import { createEmbeddingsServer } from "./server.ts";

const { EMBEDDINGS_PORT, EMBEDDINGS_API_KEY, EMBEDDINGS_LATENCY_MS, EMBEDDINGS_INPUT_LATENCY_MS, EMBEDDINGS_CONTROL } =
  process.env;

// The provider that it stands for takes no time of this machine's processors.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const port = readNumber("EMBEDDINGS_PORT", EMBEDDINGS_PORT, 54330, 65_535);
const server = createEmbeddingsServer({
  apiKey: EMBEDDINGS_API_KEY || undefined,
  latencyMs: readNumber("EMBEDDINGS_LATENCY_MS", EMBEDDINGS_LATENCY_MS, 0),
  inputLatencyMs: readNumber("EMBEDDINGS_INPUT_LATENCY_MS", EMBEDDINGS_INPUT_LATENCY_MS, 0),
  control: EMBEDDINGS_CONTROL === "1",
});

server.on("error", (error: NodeJS.ErrnoException) => {
  const taken = error.code === "EADDRINUSE";
  console.error(taken ? `port ${port} (EMBEDDINGS_PORT) is taken` : `the embeddings server stopped: ${error.message}`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => {
  const { port: bound } = server.address() as AddressInfo;
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${bound}/v1` }));
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}

function readNumber(name: string, text: string | undefined, otherwise: number, most = 600_000): number {
  const value = text ? Number(text) : otherwise;
  if (value >= 0 && value <= most) return value;
  console.error(`${name} must be a number from 0 to ${most}, not "${text}"`);
  process.exit(1);
}
