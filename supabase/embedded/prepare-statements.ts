import { messages, type PGlite, parse, protocol, type Results, type Transaction } from "@electric-sql/pglite";

interface Statement {
  name: string;
  parameterTypes: number[];
  /** What its rows are; nothing of a statement that answers none. */
  columns: messages.RowDescriptionMessage | undefined;
}

const { serialize } = protocol;
const mostStatements = 300;

/**
 * Keeps what is asked again and again prepared, as PostgREST does: parsing and planning a small statement takes longer than to run it, and
 * PGlite enters its engine six times for it, each time anew (measured: 0.16-0.22 ms a statement of one row, prepared 0.04). To be called when
 * the migrations are through: what answers other columns than when it was prepared fails once.
 */
export function prepareStatements(database: PGlite): void {
  const statements = new Map<string, Statement>();
  let closing: string[] = [];
  let count = 0;

  function forget(sql: string, { name }: Statement): void {
    statements.delete(sql);
    closing.push(name);
  }

  async function prepare(sql: string): Promise<Statement> {
    const name = `s${++count}`;
    const closed = closing.map((old) => serialize.close({ type: "S", name: old }));
    closing = [];
    const { messages: answers } = await database.execProtocol(
      Buffer.concat([
        ...closed,
        serialize.parse({ name, text: sql }),
        serialize.describe({ type: "S", name }),
        serialize.sync(),
      ]),
    );
    const columns = answers.find((answer) => answer instanceof messages.RowDescriptionMessage);
    return { name, parameterTypes: parse.parseDescribeStatementResults(answers), columns };
  }

  /** What was asked for last is the last to be forgotten. */
  async function find(sql: string): Promise<Statement> {
    const statement = statements.get(sql) ?? (await prepare(sql));
    statements.delete(sql);
    statements.set(sql, statement);
    const [oldest] = statements;
    if (oldest && statements.size > mostStatements) forget(...oldest);
    return statement;
  }

  async function run<T>(sql: string, parameters: unknown[] = []): Promise<Results<T>> {
    const statement = await find(sql);
    const values = parameters.map((value, index) => {
      if (value === null || value === undefined) return null;
      const write = database.serializers[statement.parameterTypes[index] ?? 0] ?? String;
      return write(value);
    });
    try {
      const { messages: answers } = await database.execProtocol(
        Buffer.concat([serialize.bind({ statement: statement.name, values }), serialize.execute({}), serialize.sync()]),
      );
      const told = statement.columns ? [statement.columns, ...answers] : answers;
      return parse.parseResults(told, database.parsers)[0] as Results<T>;
    } catch (thrown) {
      // It may be that it was prepared for tables that are others now.
      forget(sql, statement);
      throw thrown;
    }
  }

  const query = (sql: string, parameters?: unknown[]) => database._runExclusiveQuery(() => run(sql, parameters));
  const transaction = database.transaction.bind(database);
  Object.assign(database, {
    query: (...asked: Parameters<typeof query>) => database._runExclusiveTransaction(() => query(...asked)),
    transaction: <T>(task: (transaction: Transaction) => Promise<T>) =>
      transaction((given) => task(Object.assign(given, { query }))),
  });
}
