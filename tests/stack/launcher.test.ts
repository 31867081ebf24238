import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bootStack } from "#lib/stack/boot-stack.ts";
import { isAlive } from "#lib/stack/processes.ts";
import { readStackFile } from "#lib/stack/stack-file.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { bootOwnStack, makeDataDir, removeDataDir } from "./boot-own-stack.ts";

const launcher = resolve(import.meta.dirname, "..", "..", "lib", "stack", "main.ts");
const soonMs = 20_000;

let services: Server;
let servicesUrl: string;
const dataDirs: string[] = [];
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // The least that each service must answer for the app to count as healthy and registered.
  services = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json");
    const vectors = { data: [{ index: 0, embedding: [0.6, 0, 0.8] }], usage: { total_tokens: 1 } };
    const answer = request.url?.startsWith("/short/") ? vectors : { ok: true, modified: true };
    response.end(request.url?.startsWith("/rest/") ? "[]" : JSON.stringify(answer));
  });
  services.listen(0, "127.0.0.1");
  await once(services, "listening");
  const address = services.address();
  servicesUrl = typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
});

afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  for (const dataDir of dataDirs.splice(0)) await removeDataDir(dataDir);
});

afterAll(() => {
  services.closeAllConnections();
  services.close();
});

const namedSupabase = () => ({ SUPABASE_URL: servicesUrl, SUPABASE_PUBLISHABLE_KEY: "p", SUPABASE_SECRET_KEY: "s" });
const namedEmbeddings = () => ({ OPENAI_BASE_URL: `${servicesUrl}/v1`, OPENAI_API_KEY: "k" });
const namedEngine = () => ({ INNGEST_DEV: servicesUrl });
const namedAll = () => ({ ...namedSupabase(), ...namedEmbeddings(), ...namedEngine() });

async function newDataDir(): Promise<string> {
  const dataDir = await makeDataDir();
  dataDirs.push(dataDir);
  return dataDir;
}

async function boot(dataDir: string, env: Record<string, string>) {
  const booted = await bootStack({ dataDir, env });
  endings.push(booted.stop);
  return booted;
}

/** Starts the launcher, and answers when it has ended: for the cases in which it refuses. */
async function runLauncher(dataDir: string, env: Record<string, string>) {
  const all = { ...process.env, PORT: "0", ...namedAll(), ...env, KNOWLEDGEBASE_DIR: dataDir };
  const child = spawn(process.execPath, [launcher, "start"], { env: all, stdio: ["ignore", "pipe", "inherit"] });
  endings.push(async () => child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close");
  return { code: child.exitCode, output };
}

async function allGone(pids: number[]): Promise<void> {
  await waitUntil(`Some of ${pids.join(", ")} live`, soonMs, async () => !pids.some(isAlive));
}

test("a taken port is named with its variable, and nothing is started", async () => {
  const dataDir = await newDataDir();
  const { code, output } = await runLauncher(dataDir, { PORT: new URL(servicesUrl).port });
  expect(output).toContain(`port ${new URL(servicesUrl).port} (PORT) is taken`);
  expect(code).toBe(1);
  expect(existsSync(join(dataDir, "logs"))).toBe(false);
});

test("a port that two parts want is named with both variables", async () => {
  const env = { PORT: "4999", EMBEDDINGS_PORT: "4999", OPENAI_BASE_URL: "", OPENAI_API_KEY: "" };
  const { code, output } = await runLauncher(await newDataDir(), env);
  expect(output).toContain("port 4999 is wanted twice, by PORT and EMBEDDINGS_PORT");
  expect(code).toBe(1);
});

test("a key that is missing is named, and nothing is started", async () => {
  const dataDir = await newDataDir();
  const { code, output } = await runLauncher(dataDir, { SUPABASE_SECRET_KEY: "" });
  expect(output).toContain("SUPABASE_URL is set, so SUPABASE_SECRET_KEY must be set too.");
  expect(code).toBe(1);
  expect(existsSync(join(dataDir, "logs"))).toBe(false);
});

test("a model whose vectors do not fit the settings is refused at the start, with what to do", async () => {
  const env = { OPENAI_BASE_URL: `${servicesUrl}/short/v1`, EMBEDDING_MODEL: "some-model", EMBEDDING_DIMENSIONS: "" };
  const { code, output } = await runLauncher(await newDataDir(), env);
  expect(output).toContain(
    "Cannot start: The model some-model answers with 3 dimensions, and EMBEDDING_DIMENSIONS is 512.",
  );
  expect(output).toContain("Set EMBEDDING_DIMENSIONS=3");
  expect(code).toBe(1);
});

test("an app that is started without its settings ends and names them", async () => {
  const next = resolve(import.meta.dirname, "..", "..", "node_modules", "next", "dist", "bin", "next");
  const env = { ...process.env, ...namedAll(), SUPABASE_URL: "", NODE_ENV: "production" as const };
  const child = spawn(process.execPath, [next, "start", "-p", "0"], { env, stdio: ["ignore", "ignore", "pipe"] });
  endings.push(async () => child.kill("SIGKILL"));
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close");
  expect(child.exitCode).toBe(1);
  expect(output).toContain("SUPABASE_URL");
});

test("services that the environment names are used, and no stand-in is started", async () => {
  const dataDir = await newDataDir();
  const { stack, output, stop } = await boot(dataDir, namedAll());
  expect(Object.keys(stack.pids).toSorted()).toEqual(["app", "guard", "launcher"]);
  expect(stack).toMatchObject({
    supabaseUrl: servicesUrl,
    publishableKey: "p",
    engineUrl: servicesUrl,
    embeddingsUrl: `${servicesUrl}/v1`,
    demoAccount: null,
  });
  expect(output()).toContain("named by SUPABASE_URL");
  expect(output(), "a provider that answers nonsense is told of").toContain("embeddings: The embeddings provider");
  expect(await (await fetch(`${stack.appUrl}/api/health`)).json()).toMatchObject({ status: "ok" });
  expect(statSync(join(dataDir, "stack.json")).mode & 0o777).toBe(0o600);

  expect(await stop()).toBe(0);
  await allGone(Object.values(stack.pids));
  expect(readStackFile(dataDir)?.pids).toEqual({});
});

test("a second launcher on the same folder refuses and names the first", async () => {
  const dataDir = await newDataDir();
  const { launcherPid, stack } = await boot(dataDir, namedAll());
  const second = await runLauncher(dataDir, {});
  expect(second.output).toContain(`another launcher (pid ${launcherPid}) is running on ${dataDir}`);
  expect(second.code).toBe(1);
  expect((await fetch(`${stack.appUrl}/api/health`)).status).toBe(200);
});

test("a part that dies takes the rest down, with a message and a code that say so", async () => {
  const { stack, exited, output } = await boot(await newDataDir(), { ...namedSupabase(), ...namedEngine() });
  const { embeddings = 0 } = stack.pids;
  process.kill(embeddings, "SIGKILL");
  expect(await exited).toBe(1);
  expect(output()).toContain("embeddings was ended by SIGKILL.");
  await allGone(Object.values(stack.pids));
});

test("a launcher that is killed leaves nobody behind, and its folder can be started at once", async () => {
  const dataDir = await newDataDir();
  const first = await boot(dataDir, { ...namedSupabase(), ...namedEngine() });
  process.kill(first.launcherPid, "SIGKILL");
  const second = await boot(dataDir, { ...namedSupabase(), ...namedEngine() });
  expect(Object.values(first.stack.pids).filter(isAlive)).toEqual([]);
  expect(second.stack.pids.guard).not.toBe(first.stack.pids.guard);
});

test("a second Ctrl-C does not wait for a part that does not end", async () => {
  const { stack, launcherPid, exited, output } = await boot(await newDataDir(), namedAll());
  process.kill(stack.pids.app ?? 0, "SIGSTOP");
  process.kill(launcherPid, "SIGINT");
  await waitUntil("The launcher does not stop", soonMs, async () => output().includes("Stopping (SIGINT)."));
  const askedAt = Date.now();
  process.kill(launcherPid, "SIGINT");
  await exited;
  expect(Date.now() - askedAt).toBeLessThan(4_000);
  await allGone(Object.values(stack.pids));
});

test("the whole embedded stack keeps its data and its demo account over a kill of everything at once", async () => {
  const dataDir = await newDataDir();
  const first = await bootOwnStack({ dir: dataDir });
  endings.push(first.stop);
  expect(Object.keys(first.json.pids).toSorted()).toEqual([
    "app",
    "embeddings",
    "engine",
    "guard",
    "launcher",
    "supabase",
  ]);
  await first.kill9All();
  await allGone(Object.values(first.json.pids));

  const second = await boot(dataDir, {});
  expect(second.stack.demoAccount).toEqual(first.json.demoAccount);
  expect(second.stack.publishableKey).toBe(first.json.publishableKey);
  const response = await fetch(`${second.stack.supabaseUrl}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { apikey: second.stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify(second.stack.demoAccount),
  });
  expect(response.status).toBe(200);
});
