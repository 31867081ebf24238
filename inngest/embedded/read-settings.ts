import { parseArgs } from "node:util";

export interface Settings {
  /** The apps to sync with; empty when they register by themselves. */
  sdkUrls: string[];
  host: string;
  port: number;
  dataDir: string;
  /** The queue is looked at no more often than this; 0: whenever something is due. */
  tickMs: number;
  /** The wait before every retry; null: the table of the real server. */
  retryIntervalMs: number | null;
  /** Whether apps are synced again and again. */
  poll: boolean;
  signingKey: string | null;
  eventKeys: string[];
  /** How many requests are under way at once over all apps. */
  workers: number;
  /** Whether functions may report steps while they run. */
  checkpointing: boolean;
  /** Ended runs and their events are removed after this. */
  retentionMs: number;
}

const flags = {
  "sdk-url": { type: "string", multiple: true, short: "u" },
  host: { type: "string" },
  port: { type: "string", short: "p" },
  "data-dir": { type: "string" },
  tick: { type: "string" },
  "retry-interval": { type: "string" },
  "no-poll": { type: "boolean" },
  "signing-key": { type: "string" },
  "event-key": { type: "string", multiple: true },
  workers: { type: "string" },
  "no-checkpointing": { type: "boolean" },
  "retention-hours": { type: "string" },
} as const;

/** Reads flags, then environment variables. Throws, naming every setting that is missing or malformed. */
export function readSettings(args: string[], env: Record<string, string | undefined>): Settings {
  const { values } = parseArgs({ args, options: flags, strict: true, allowPositionals: false });
  const problems: string[] = [];
  const given = (flag: string | undefined, variable: string): string | undefined =>
    flag ?? (env[variable] || undefined);
  const list = (flag: string[] | undefined, variable: string): string[] =>
    flag ??
    (env[variable] ?? "")
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  const count = (name: string, text: string | undefined, otherwise: number): number => {
    if (text === undefined) return otherwise;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    problems.push(`${name} must be a whole number, not ${JSON.stringify(text)}`);
    return otherwise;
  };

  const sdkUrls = list(values["sdk-url"], "INNGEST_SDK_URL");
  for (const url of sdkUrls) {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      problems.push(`--sdk-url (INNGEST_SDK_URL) must be an http URL, not ${JSON.stringify(url)}`);
    }
  }
  const dataDir = given(values["data-dir"], "INNGEST_DATA_DIR");
  if (!dataDir) problems.push("--data-dir (INNGEST_DATA_DIR) is not set");
  const port = count("--port (INNGEST_PORT)", given(values.port, "INNGEST_PORT"), 8288);
  if (port > 65535) problems.push("--port (INNGEST_PORT) must be at most 65535");
  const retryInterval = given(values["retry-interval"], "INNGEST_RETRY_INTERVAL");
  const retrySeconds = count("--retry-interval (INNGEST_RETRY_INTERVAL)", retryInterval, 0);
  const signingKey = given(values["signing-key"], "INNGEST_SIGNING_KEY")?.replace(/^signkey-\w+-/, "");
  if (signingKey && !/^([0-9a-f]{2})+$/i.test(signingKey)) {
    problems.push("--signing-key (INNGEST_SIGNING_KEY) must be hexadecimal");
  }
  const workers = count("--workers (INNGEST_WORKERS)", given(values.workers, "INNGEST_WORKERS"), 100);
  if (workers === 0) problems.push("--workers (INNGEST_WORKERS) must be at least 1");
  const retention = given(values["retention-hours"], "INNGEST_RETENTION_HOURS");
  const settings: Settings = {
    sdkUrls,
    host: given(values.host, "INNGEST_HOST") ?? "127.0.0.1",
    port,
    dataDir: dataDir ?? "",
    tickMs: count("--tick (INNGEST_TICK)", given(values.tick, "INNGEST_TICK"), 0),
    retryIntervalMs: retryInterval === undefined || retrySeconds === 0 ? null : retrySeconds * 1000,
    poll: !(values["no-poll"] ?? env.INNGEST_NO_POLL === "1"),
    signingKey: signingKey ?? null,
    eventKeys: list(values["event-key"], "INNGEST_EVENT_KEY"),
    workers,
    checkpointing: !(values["no-checkpointing"] ?? env.INNGEST_NO_CHECKPOINTING === "1"),
    retentionMs: count("--retention-hours (INNGEST_RETENTION_HOURS)", retention, 7 * 24) * 3_600_000,
  };
  if (problems.length > 0) throw new Error(problems.join("; "));
  return settings;
}
