import { setCrons } from "../cron/fire-crons.ts";
import type { Engine } from "../engine.ts";
import { indexCancels } from "../intake/list-cancellable.ts";
import { uuidOf } from "../protocol/ids.ts";
import type { Fn, FunctionConfig, Limit } from "../protocol/types.ts";
import { checkFunction } from "./check-function.ts";

export interface Registration {
  app: string;
  functions: FunctionConfig[];
}

/** Takes over an app's functions in place of those it had. Throws, naming function and feature, what cannot be done. */
export function registerApp(engine: Engine, { app, functions }: Registration): { modified: boolean } {
  const problems = functions.flatMap(checkFunction);
  if (problems.length > 0) throw new Error(problems.join(" "));
  const { store } = engine;
  const known = store.all<{ id: string; config: string }>("select id, config from functions where app = ?", app);
  const before = JSON.stringify(known.map(({ config }) => config).sort());
  const after = JSON.stringify(functions.map((config) => JSON.stringify(config)).sort());
  const modified = before !== after;
  if (modified) engine.transact(() => replaceFunctions(engine, { app, functions }));
  if (modified || !engine.reachableApps.has(app)) {
    engine.reachableApps.add(app);
    engine.log("info", `app ${app} registered ${functions.length} functions`);
    engine.wake();
  }
  return { modified };
}

/** Reads the functions that earlier lives of the engine knew. */
export function loadFunctions(engine: Engine): void {
  engine.functions.clear();
  const rows = engine.store.all<{ app: string; config: string }>("select app, config from functions");
  for (const { app, config } of rows) addFunction(engine, app, JSON.parse(config) as FunctionConfig);
  indexCancels(engine);
}

function replaceFunctions(engine: Engine, { app, functions }: Registration): void {
  const { store } = engine;
  store.run("delete from functions where app = ?", app);
  for (const config of functions) {
    store.run(
      "insert or replace into functions (id, app, config, registered_at) values (?, ?, ?, ?)",
      config.id,
      app,
      JSON.stringify(config),
      Date.now(),
    );
  }
  loadFunctions(engine);
  store.run("delete from crons where function_id not in (select id from functions)");
  for (const { id } of functions) {
    const fn = engine.functions.get(id);
    if (fn) setCrons(engine, fn);
  }
}

function addFunction(engine: Engine, app: string, config: FunctionConfig): void {
  const [step] = Object.values(config.steps);
  const fn: Fn = {
    id: config.id,
    app,
    url: step?.runtime.url ?? "",
    uuid: uuidOf(config.id),
    maxAttempts: (step?.retries?.attempts ?? 4) + 1,
    limits: readLimits(config.concurrency),
    config,
  };
  engine.functions.set(fn.id, fn);
}

function readLimits(concurrency: FunctionConfig["concurrency"]): Limit[] {
  if (concurrency === undefined) return [];
  if (typeof concurrency === "number") return [{ limit: concurrency }];
  return Array.isArray(concurrency) ? concurrency : [concurrency];
}
