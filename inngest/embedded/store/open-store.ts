import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { schemaSql, schemaVersion } from "./schema-sql.ts";

/** The state file. Every transition of the engine is one `transaction`; statements are prepared once. */
export interface Store {
  run(sql: string, ...values: SQLInputValue[]): number;
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** Runs `work` in one durable transaction; inside another one it joins that. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens or creates the state file; refuses one of another layout. */
export function openStore(dataDir: string): Store {
  const path = join(dataDir, "state.sqlite");
  const db = new DatabaseSync(path);
  // Only a file without tables takes a vacuum mode, so it comes first.
  db.exec("pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full");
  db.exec("pragma foreign_keys = on; pragma cache_size = -16000; pragma journal_size_limit = 16777216");
  const { user_version: version } = db.prepare("pragma user_version").get() as { user_version: number };
  if (version === 0) db.exec(`begin; ${schemaSql}; pragma user_version = ${schemaVersion}; commit`);
  else if (version !== schemaVersion) {
    db.close();
    throw new Error(`${path} has layout ${version}, this engine reads ${schemaVersion}; remove it or use its engine`);
  }

  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  let depth = 0;
  const transaction = <T>(work: () => T): T => {
    if (depth > 0) return work();
    prepare("begin immediate").run();
    depth = 1;
    try {
      const result = work();
      prepare("commit").run();
      return result;
    } catch (error) {
      if (db.isTransaction) prepare("rollback").run();
      throw error;
    } finally {
      depth = 0;
    }
  };

  return {
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    transaction,
    close: () => db.close(),
  };
}
