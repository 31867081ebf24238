import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { indexesSql, schemaSql, schemaVersion } from "./schema-sql.ts";

/**
 * The state file. Every transition of the engine is one `transaction`, all of it or nothing. Those of one turn of the
 * event loop reach the disk together, which costs one write instead of many: nobody may be told of a transition, nor may
 * work begin because of it, before `settled` says that it is kept.
 */
export interface Store {
  run(sql: string, ...values: SQLInputValue[]): number;
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** Runs `work` in one transaction; inside another one it joins that. */
  transaction<T>(work: () => T): T;
  /** Resolves when all that was done so far is on the disk; rejects when it could not be written and is undone. */
  settled(): Promise<void>;
  close(): void;
}

/** Opens or creates the state file; refuses one of another layout. */
export function openStore(dataDir: string): Store {
  const path = join(dataDir, "state.sqlite");
  // Somebody may look into the file with a tool of their own for a moment.
  const db = new DatabaseSync(path, { timeout: 5000 });
  // Only a file without tables takes a vacuum mode, so it comes first.
  db.exec("pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full");
  db.exec("pragma foreign_keys = on; pragma cache_size = -4000; pragma journal_size_limit = 16777216");
  const { user_version: version } = db.prepare("pragma user_version").get() as { user_version: number };
  if (version === 0) db.exec(`begin; ${schemaSql}; pragma user_version = ${schemaVersion}; commit`);
  else if (version !== schemaVersion) {
    db.close();
    throw new Error(`${path} has layout ${version}, this engine reads ${schemaVersion}; remove it or use its engine`);
  }
  db.exec(indexesSql);

  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  let isNested = false;
  let group: PromiseWithResolvers<void> | null = null;
  const flush = (): void => {
    if (!group) return;
    const { resolve, reject } = group;
    group = null;
    try {
      prepare("commit").run();
      resolve();
    } catch (error) {
      if (db.isTransaction) prepare("rollback").run();
      reject(error);
    }
  };
  const transaction = <T>(work: () => T): T => {
    if (isNested) return work();
    if (!group) {
      prepare("begin immediate").run();
      group = Promise.withResolvers();
      // Whoever cares asks `settled`; a group that nobody asks for must not end the process.
      group.promise.catch(() => {});
      setImmediate(flush);
    }
    prepare("savepoint transition").run();
    isNested = true;
    try {
      const result = work();
      prepare("release transition").run();
      return result;
    } catch (error) {
      if (db.isTransaction) {
        prepare("rollback to transition").run();
        prepare("release transition").run();
      }
      throw error;
    } finally {
      isNested = false;
    }
  };

  return {
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    transaction,
    settled: () => group?.promise ?? Promise.resolve(),
    close: () => {
      flush();
      db.close();
    },
  };
}
