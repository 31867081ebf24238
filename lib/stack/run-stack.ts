import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { dateBuild, isBuildStale } from "./build.ts";
import { createCrew } from "./create-crew.ts";
import { ensureDemoAccount } from "./ensure-demo-account.ts";
import { findDevServer } from "./find-dev-server.ts";
import { type Choice, type Environment, type Mode, planStack, type StackPlan } from "./plan-stack.ts";
import { checkPorts, findFreePort } from "./ports.ts";
import { probeProvider } from "./probe-provider.ts";
import type { Stack } from "./schema.ts";
import { readStackFile, writeStackFile } from "./stack-file.ts";
import { type Guard, startGuard } from "./start-guard.ts";
import {
  buildApp,
  type Site,
  startApp,
  startDevServer,
  startEmbeddings,
  startEngine,
  startSupabase,
  syncApp,
} from "./start-parts.ts";

interface RunOptions {
  mode: Mode;
  root: string;
  dataDir: string;
  env: Environment;
  verbose: boolean;
  print: (line: string) => void;
  /** Ends every part in order; its reason is shown. */
  stop: AbortSignal;
  /** Ends every part at once. */
  kill: AbortSignal;
}

interface Boot {
  options: RunOptions;
  plan: StackPlan;
  devServer: string | null;
  site: Site;
}

/** Runs the whole stack until `stop`. Answers with the exit code; whatever was started has ended by then. */
export async function runStack(options: RunOptions): Promise<number> {
  const { root, dataDir, env, print } = options;
  const devServer = env.INNGEST_ENGINE === "embedded" ? null : findDevServer(root);
  const { plan, refusals } = planStack({ env, hasDevServer: devServer !== null });
  if (refusals.length > 0) return refuse(print, refusals);

  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const guard = await startGuard(dataDir);
  if ("holder" in guard) {
    return refuse(print, [
      `another launcher (pid ${guard.holder}) is running on ${dataDir}. Stop it, or set KNOWLEDGEBASE_DIR to another folder.`,
    ]);
  }
  const taken = await checkPorts(wantedPorts(plan));
  if (taken.length > 0) {
    await guard.release();
    return refuse(print, taken);
  }
  return await supervise(options, plan, devServer, guard);
}

async function supervise(
  options: RunOptions,
  plan: StackPlan,
  devServer: string | null,
  guard: Guard,
): Promise<number> {
  const { root, dataDir, env, verbose, print, stop, kill } = options;
  const crew = createCrew({ cwd: root, logsDir: join(dataDir, "logs"), verbose, guard, print });
  kill.addEventListener("abort", () => crew.killAll());
  const stopped = new Promise<"stopped">((resolve) => stop.addEventListener("abort", () => resolve("stopped")));
  const site = { root, dataDir, env, crew };
  try {
    const stack = await Promise.race([bootStack({ options, plan, devServer, site }), crew.died, stopped]);
    if (stack !== "stopped") {
      writeStackFile(dataDir, { ...stack, pids: { launcher: process.pid, guard: guard.pid, ...crew.pids() } });
      announce(print, stack);
      await Promise.race([crew.died, stopped]);
    }
    print(`Stopping (${stop.reason}).`);
    return 0;
  } catch (thrown) {
    print(thrown instanceof Error ? thrown.message : String(thrown));
    print(`Everything else is stopped too. The logs are in ${join(dataDir, "logs")}.`);
    return 1;
  } finally {
    await crew.stop();
    await guard.release();
    const last = readStackFile(dataDir);
    if (last) writeStackFile(dataDir, { ...last, pids: {} });
  }
}

async function bootStack({ options, plan, devServer, site }: Boot): Promise<Stack> {
  const { mode, print, dataDir } = options;
  const appUrl = `http://${reachable(plan.host)}:${plan.appPort || (await findFreePort(plan.host))}`;
  const sdkUrl = `${appUrl}/api/inngest`;
  const { supabase, embeddings, engine } = plan;
  const report = (name: string, url: string | undefined, why: string) =>
    print(`  ${name.padEnd(11)}${(url ?? "").padEnd(30)} ${why}`);
  const begin = async (
    name: string,
    urlVariable: string,
    choice: Choice,
    start: (port: number) => Promise<Record<string, string>>,
  ) => {
    const reached = choice.started ? await start(choice.port) : {};
    report(name, choice.started ? reached[urlVariable] : choice.url, choice.why);
    return reached;
  };

  const reached = await Promise.all([
    begin("supabase", "SUPABASE_URL", supabase, (port) => startSupabase(site, port)),
    begin("embeddings", "OPENAI_BASE_URL", embeddings, (port) => startEmbeddings(site, port)),
    begin("engine", "INNGEST_DEV", engine, (port) =>
      devServer && engine.kind === "dev-server"
        ? startDevServer(site, port, sdkUrl, devServer)
        : startEngine(site, port, sdkUrl),
    ),
    mode === "start" ? buildWhenStale(site, print) : undefined,
  ]);
  const operatorToken = site.env.OPERATOR_TOKEN || randomBytes(24).toString("base64url");
  const own: Record<string, string> = Object.assign({ OPERATOR_TOKEN: operatorToken }, ...reached);
  const env: Environment = { ...site.env, ...own };
  if (!embeddings.started) await probeProvider(env, print);
  await startApp({ ...site, env }, mode, plan, appUrl);
  if (plan.syncs) await syncApp(sdkUrl);
  report("app", appUrl, `next ${mode}`);

  const supabaseUrl = String(env.SUPABASE_URL);
  const secretKey = String(env.SUPABASE_SECRET_KEY);
  const known = readStackFile(dataDir)?.demoAccount ?? null;
  return {
    appUrl,
    supabaseUrl,
    publishableKey: String(env.SUPABASE_PUBLISHABLE_KEY),
    secretKey,
    engineUrl: engine.started ? String(env.INNGEST_DEV) : engine.url,
    embeddingsUrl: embeddings.started ? String(env.OPENAI_BASE_URL) : embeddings.url,
    env: own,
    demoAccount: supabase.started ? await ensureDemoAccount({ supabaseUrl, secretKey }, known) : null,
    pids: {},
  };
}

async function buildWhenStale(site: Site, print: (line: string) => void): Promise<void> {
  if (!(await isBuildStale(site.root))) return;
  print("  building the app (next build): there is no build, or a source is newer than it");
  const startedAt = new Date();
  await buildApp(site);
  dateBuild(site.root, startedAt);
}

function announce(print: (line: string) => void, { appUrl, demoAccount }: Stack): void {
  print("");
  print(`Open ${appUrl}`);
  if (demoAccount) print(`Demo account: ${demoAccount.email}, password ${demoAccount.password}`);
  else print("Sign in with an account of your Supabase project.");
}

function refuse(print: (line: string) => void, refusals: string[]): number {
  for (const refusal of refusals) print(`Cannot start: ${refusal}`);
  return 1;
}

function wantedPorts({ host, appPort, supabase, engine, embeddings }: StackPlan) {
  const standIns = [
    { variable: "SUPABASE_PORT", choice: supabase },
    { variable: "INNGEST_PORT", choice: engine },
    { variable: "EMBEDDINGS_PORT", choice: embeddings },
  ];
  const started = standIns.flatMap(({ variable, choice }) =>
    choice.started ? [{ variable, host: "127.0.0.1", port: choice.port }] : [],
  );
  return [{ variable: "PORT", host, port: appPort }, ...started];
}

/** The address at which this machine reaches a server that listens on `host`. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
