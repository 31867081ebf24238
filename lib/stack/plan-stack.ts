export type Mode = "start" | "dev";

/** A part that this launcher starts, or one that the environment names. `why` is shown to the person who started it. */
export type Choice = { started: true; port: number; why: string } | { started: false; url: string; why: string };

export type EngineKind = "embedded" | "dev-server";

export interface StackPlan {
  host: string;
  appPort: number;
  supabase: Choice;
  embeddings: Choice;
  engine: Choice & { kind: EngineKind };
  /** Where the app can be registered by a plain request: a development engine, not the hosted service. */
  syncs: boolean;
}

export type Environment = Record<string, string | undefined>;

/** The ports, by the variable that moves each; 0 means any free one. */
export const portDefaults = { PORT: 3000, SUPABASE_PORT: 54321, INNGEST_PORT: 8288, EMBEDDINGS_PORT: 54330 };

interface Facts {
  env: Environment;
  /** Whether the real Dev Server can be started here. */
  hasDevServer: boolean;
}

/** Decides what to start: only what the environment does not name. A setting that is half there is refused, never completed. */
export function planStack({ env, hasDevServer }: Facts): { plan: StackPlan; refusals: string[] } {
  const refusals: string[] = [];
  const given = (name: string) => env[name] || undefined;
  const needs = (because: string, names: string[]) => {
    const missing = names.filter((name) => !given(name));
    if (missing.length > 0) refusals.push(`${because} is set, so ${missing.join(" and ")} must be set too.`);
  };
  const port = (name: keyof typeof portDefaults) => {
    const text = given(name) ?? String(portDefaults[name]);
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) refusals.push(`${name} is "${text}", which is not a port.`);
    return Number(text);
  };
  const choose = (variable: string | undefined, url: string, free: () => number, standIn: string): Choice =>
    variable ? { started: false, url, why: `named by ${variable}` } : { started: true, port: free(), why: standIn };

  if (given("SUPABASE_URL")) needs("SUPABASE_URL", ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY"]);
  if (given("OPENAI_BASE_URL")) needs("OPENAI_BASE_URL", ["OPENAI_API_KEY"]);
  const engine = nameEngine(given);
  if (engine?.cloud) needs(engine.variable, ["INNGEST_EVENT_KEY", "INNGEST_SIGNING_KEY"]);

  const supabaseUrl = given("SUPABASE_URL");
  const kind = chooseKind(given("INNGEST_ENGINE"), hasDevServer, refusals);
  const standInEngine =
    kind === "dev-server"
      ? "the Inngest Dev Server, because inngest-cli is installed"
      : "embedded, because no INNGEST_* is set";
  const plan: StackPlan = {
    host: given("HOST") ?? "127.0.0.1",
    appPort: port("PORT"),
    supabase: choose(
      supabaseUrl && "SUPABASE_URL",
      supabaseUrl ?? "",
      () => port("SUPABASE_PORT"),
      "embedded, because SUPABASE_URL is not set",
    ),
    embeddings: choose(
      given("OPENAI_BASE_URL") ? "OPENAI_BASE_URL" : given("OPENAI_API_KEY") && "OPENAI_API_KEY",
      given("OPENAI_BASE_URL") ?? "https://api.openai.com/v1",
      () => port("EMBEDDINGS_PORT"),
      "embedded, because no OPENAI_* is set",
    ),
    engine: { kind, ...choose(engine?.variable, engine?.url ?? "", () => port("INNGEST_PORT"), standInEngine) },
    syncs: !engine?.cloud,
  };
  return { plan, refusals };
}

type Given = (name: string) => string | undefined;

function nameEngine(given: Given): { variable: string; url: string; cloud: boolean } | null {
  const dev = given("INNGEST_DEV");
  const baseUrl = given("INNGEST_BASE_URL");
  // The SDK takes "0" and "false" as "not the Dev Server", and any other text without a scheme as "the one at its usual port".
  if (dev && dev !== "0" && dev !== "false") {
    return {
      variable: "INNGEST_DEV",
      url: dev.includes("://") ? dev : (baseUrl ?? "http://localhost:8288"),
      cloud: false,
    };
  }
  const variable = ["INNGEST_BASE_URL", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY", "INNGEST_DEV"].find(given);
  return variable ? { variable, url: baseUrl ?? "https://api.inngest.com", cloud: true } : null;
}

function chooseKind(wanted: string | undefined, hasDevServer: boolean, refusals: string[]): EngineKind {
  if (wanted === undefined) return hasDevServer ? "dev-server" : "embedded";
  if (wanted !== "embedded" && wanted !== "dev-server") {
    refusals.push(`INNGEST_ENGINE is "${wanted}"; it takes "embedded" or "dev-server".`);
    return "embedded";
  }
  if (wanted === "dev-server" && !hasDevServer) {
    refusals.push('INNGEST_ENGINE is "dev-server", but inngest-cli does not run here: npm install inngest-cli.');
  }
  return wanted;
}
