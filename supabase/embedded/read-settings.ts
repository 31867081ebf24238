/** What the server needs to know; paths are as given. */
export interface Settings {
  port: number;
  dataDir: string;
  migrationsDir: string;
  maxFileBytes: number;
  publishableKey: string | undefined;
  secretKey: string | undefined;
}

/** Reads the settings from environment variables. Throws, naming every variable that is missing or malformed. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const problems: string[] = [];
  const settings = {
    port: readNumber(env, "SUPABASE_PORT", 54321, problems),
    dataDir: readRequired(env, "SUPABASE_DATA_DIR", problems),
    migrationsDir: readRequired(env, "SUPABASE_MIGRATIONS_DIR", problems),
    maxFileBytes: readNumber(env, "SUPABASE_MAX_FILE_BYTES", 50 * 1024 * 1024, problems),
    publishableKey: readKey(env, "SUPABASE_PUBLISHABLE_KEY", "sb_publishable_", problems),
    secretKey: readKey(env, "SUPABASE_SECRET_KEY", "sb_secret_", problems),
  };
  if (settings.port > 65535) problems.push("SUPABASE_PORT must be at most 65535");
  if (problems.length > 0) throw new Error(problems.join("; "));
  return settings;
}

function readRequired(env: Record<string, string | undefined>, name: string, problems: string[]): string {
  const value = env[name] ?? "";
  if (value === "") problems.push(`${name} is not set`);
  return value;
}

function readNumber(
  env: Record<string, string | undefined>,
  name: string,
  otherwise: number,
  problems: string[],
): number {
  const value = env[name];
  if (value === undefined || value === "") return otherwise;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  problems.push(`${name} must be a whole number, not ${JSON.stringify(value)}`);
  return otherwise;
}

function readKey(
  env: Record<string, string | undefined>,
  name: string,
  prefix: string,
  problems: string[],
): string | undefined {
  const value = env[name];
  if (value === undefined || value === "") return undefined;
  if (!value.startsWith(prefix) || value.length < prefix.length + 16) {
    problems.push(`${name} must start with ${prefix} and have at least 16 more characters`);
  }
  return value;
}
