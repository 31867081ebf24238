import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "#lib/stack/ports.ts";
import { startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { waitFor } from "./inngest-wait.ts";

/** An Inngest server under test: ours, or the real Dev Server when the environment names one. */
export interface Subject {
  kind: "embedded" | "dev-server";
  url: string;
  stop(): Promise<void>;
}

const serverUrl = process.env.INNGEST_CONFORMANCE_URL;
const serverBinary = process.env.INNGEST_CONFORMANCE_BIN;

/** The subjects that every scenario runs on. */
export const subjectKinds: Subject["kind"][] = serverUrl || serverBinary ? ["embedded", "dev-server"] : ["embedded"];

export async function startSubject(kind: Subject["kind"], flags: { args?: string[] } = {}): Promise<Subject> {
  if (kind === "embedded") {
    const engine = await startEmbeddedEngine({ retryInterval: 1, ...flags });
    return { kind, url: engine.url, stop: engine.stop };
  }
  if (serverUrl) return { kind, url: serverUrl, stop: async () => {} };
  return await startBinary(serverBinary ?? "inngest");
}

async function startBinary(binary: string): Promise<Subject> {
  const port = await findFreePort("127.0.0.1");
  const url = `http://127.0.0.1:${port}`;
  const directory = mkdtempSync(join(tmpdir(), "inngest-dev-server-"));
  const args = ["dev", "--no-discovery", "--no-poll", "--tick", "10", "--retry-interval", "1", "--port", String(port)];
  // Without a variable of its own it would send usage data, and take INNGEST_BASE_URL for its own address.
  const env = { ...process.env, DO_NOT_TRACK: "1", INNGEST_BASE_URL: undefined };
  const child = spawn(binary, args, { cwd: directory, env, stdio: "ignore" });
  await waitFor(`the Dev Server at ${url}`, async () => (await fetch(`${url}/health`)).ok, 60_000);
  return {
    kind: "dev-server",
    url,
    stop: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
