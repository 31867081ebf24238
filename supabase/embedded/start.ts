import { join } from "node:path";
import type { PgliteConnection } from "@supabase/lite/pglite";
import { answerAdminUsers } from "./admin-users.ts";
import { answerApi } from "./answer-api.ts";
import { answerKeySet } from "./answer-key-set.ts";
import { answerStorage } from "./answer-storage.ts";
import { applyMigrations } from "./apply-migrations.ts";
import { correctLite } from "./correct-lite.ts";
import { createApi } from "./create-api.ts";
import { createBaseSchema } from "./create-base-schema.ts";
import { loadKeys } from "./load-keys.ts";
import { lockDataDir } from "./lock-data-dir.ts";
import { logNotice, redactConsole } from "./log.ts";
import { openDatabase } from "./open-database.ts";
import { prepareStatements } from "./prepare-statements.ts";
import type { Settings } from "./read-settings.ts";
import { createExclusive } from "./run-exclusive.ts";
import { listen } from "./serve.ts";
import { startMaintenance } from "./start-maintenance.ts";
import { createFileStore, type FileStore } from "./storage-files.ts";
import { watchEngine } from "./watch-engine.ts";

export interface Running {
  url: string;
  publishableKey: string;
  secretKey: string;
  stop: () => Promise<void>;
}

/** Starts the whole server. Throws, with a message of one line, when the port or the data directory is taken or a migration fails. */
export async function start(settings: Settings): Promise<Running> {
  redactConsole();
  const unlock = lockDataDir(settings.dataDir);
  const listener = await listen(settings.port);
  const keys = await loadKeys(settings.dataDir, settings);
  const connection = await openDatabase(join(settings.dataDir, "postgres"));
  const database = connection.driver;
  await createBaseSchema(database);
  await applyMigrations(database, settings.migrationsDir);
  await connection.clearSchemaCache();
  await correctLite(connection);
  prepareStatements(database);
  watchEngine(database);

  const files = createFileStore(join(settings.dataDir, "storage"));
  await sweepFiles(connection, files);
  const exclusive = createExclusive();
  const api = await createApi(connection, keys, join(settings.dataDir, "mail"));
  const storage = { database, exclusive, files, keys, maxFileBytes: settings.maxFileBytes };
  const stopMaintenance = startMaintenance(database, exclusive);
  listener.serve({
    "/rest/v1": (request, response, url) => answerApi(api, exclusive, request, response, url),
    "/auth/v1/.well-known/jwks.json": async (_request, response) => answerKeySet(keys, response),
    "/auth/v1/admin": (request, response, url) => answerAdminUsers(storage, request, response, url),
    "/auth/v1": (request, response, url) => answerApi(api, exclusive, request, response, url),
    "/storage/v1": (request, response, url) => answerStorage(storage, request, response, url),
  });

  return {
    url: `http://127.0.0.1:${listener.port}`,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    stop: async () => {
      await stopMaintenance();
      await listener.close();
      await exclusive.idle();
      await connection.close();
      unlock();
    },
  };
}

async function sweepFiles({ driver }: PgliteConnection, files: FileStore): Promise<void> {
  const { rows } = await driver.query<{ version: string }>("select version from storage.objects");
  const removed = await files.sweep(new Set(rows.map((row) => row.version)));
  if (removed > 0) logNotice(`removed ${removed} files that no object has`);
}
