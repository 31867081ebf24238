import { describe, expect, test } from "vitest";
import { type Environment, planStack } from "#lib/stack/plan-stack.ts";

const supabase = { SUPABASE_URL: "https://x.supabase.co", SUPABASE_PUBLISHABLE_KEY: "p", SUPABASE_SECRET_KEY: "s" };
const plan = (env: Environment, hasDevServer = false) => planStack({ env, hasDevServer });

describe("what the launcher starts", () => {
  test("everything, on the usual ports, when the environment names nothing", () => {
    const { plan: found, refusals } = plan({ SUPABASE_URL: "", INNGEST_DEV: "" });
    expect(refusals).toEqual([]);
    expect(found).toMatchObject({
      host: "127.0.0.1",
      appPort: 3000,
      supabase: { started: true, port: 54321 },
      embeddings: { started: true, port: 54330 },
      engine: { started: true, port: 8288, kind: "embedded" },
      syncs: true,
    });
  });

  test("no Supabase where SUPABASE_URL is set", () => {
    const found = plan(supabase);
    expect(found.refusals).toEqual([]);
    expect(found.plan.supabase).toEqual({ started: false, url: "https://x.supabase.co", why: "named by SUPABASE_URL" });
  });

  test.each([
    [{ OPENAI_API_KEY: "k" }, "https://api.openai.com/v1"],
    [{ OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" }, "http://127.0.0.1:11434/v1"],
  ])("no embeddings server with %o", (env, url) => {
    expect(plan(env).plan.embeddings).toMatchObject({ started: false, url });
    expect(plan(env).refusals).toEqual([]);
  });

  test.each<[Environment, string, boolean]>([
    [{ INNGEST_DEV: "http://127.0.0.1:9999" }, "http://127.0.0.1:9999", true],
    [{ INNGEST_DEV: "1" }, "http://localhost:8288", true],
    [{ INNGEST_EVENT_KEY: "e", INNGEST_SIGNING_KEY: "s" }, "https://api.inngest.com", false],
    [{ INNGEST_EVENT_KEY: "e", INNGEST_SIGNING_KEY: "s", INNGEST_BASE_URL: "http://i" }, "http://i", false],
    [{ INNGEST_EVENT_KEY: "e", INNGEST_SIGNING_KEY: "s", INNGEST_DEV: "0" }, "https://api.inngest.com", false],
  ])("no engine with %o", (env, url, syncs) => {
    const found = plan(env);
    expect(found.refusals).toEqual([]);
    expect(found.plan.engine).toMatchObject({ started: false, url });
    expect(found.plan.syncs).toBe(syncs);
  });

  test("the Dev Server where it is installed, unless INNGEST_ENGINE says otherwise", () => {
    expect(plan({}, true).plan.engine.kind).toBe("dev-server");
    expect(plan({ INNGEST_ENGINE: "embedded" }, true).plan.engine.kind).toBe("embedded");
  });

  test("ports and host as the environment says", () => {
    const { plan: found } = plan({
      HOST: "0.0.0.0",
      PORT: "0",
      SUPABASE_PORT: "1",
      INNGEST_PORT: "2",
      EMBEDDINGS_PORT: "3",
    });
    expect([found.host, found.appPort]).toEqual(["0.0.0.0", 0]);
    expect([found.supabase, found.engine, found.embeddings]).toMatchObject([{ port: 1 }, { port: 2 }, { port: 3 }]);
  });
});

describe("what the launcher refuses, by name", () => {
  test.each<[Environment, string]>([
    [{ SUPABASE_URL: "https://x" }, "SUPABASE_PUBLISHABLE_KEY and SUPABASE_SECRET_KEY must be set"],
    [{ ...supabase, SUPABASE_SECRET_KEY: "" }, "SUPABASE_URL is set, so SUPABASE_SECRET_KEY must be set"],
    [{ OPENAI_BASE_URL: "http://x" }, "OPENAI_API_KEY must be set"],
    [{ INNGEST_EVENT_KEY: "e" }, "INNGEST_SIGNING_KEY must be set"],
    [{ INNGEST_SIGNING_KEY: "s" }, "INNGEST_EVENT_KEY must be set"],
    [{ INNGEST_BASE_URL: "http://x" }, "INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY must be set"],
    [{ INNGEST_DEV: "false" }, "INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY must be set"],
    [{ PORT: "http" }, 'PORT is "http"'],
    [{ INNGEST_PORT: "70000" }, 'INNGEST_PORT is "70000"'],
    [{ INNGEST_ENGINE: "cloud" }, 'INNGEST_ENGINE is "cloud"'],
    [{ INNGEST_ENGINE: "dev-server" }, "inngest-cli does not run here"],
  ])("%o", (env, sentence) => {
    const { refusals } = plan(env);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(sentence);
  });
});
