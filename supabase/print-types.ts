import type { Catalog, Column, DatabaseFunction, Relation } from "./read-catalog.ts";

/** The PostgREST that hosted projects run: supabase-js types some calls by it. */
const postgrestVersion = "14.1";

const scalars: Record<string, string> = {
  bool: "boolean",
  ...each("number", ["int2", "int4", "int8", "float4", "float8", "numeric"]),
  ...each("string", [
    "bytea",
    "bpchar",
    "varchar",
    "date",
    "text",
    "citext",
    "name",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
  ]),
  ...each("string", ["uuid", "vector", "halfvec", "sparsevec"]),
  ...each("Json", ["json", "jsonb"]),
  void: "undefined",
  record: "Record<string, unknown>",
};

/** The type `Database` for supabase-js, of the schema `public`, in the form that `supabase gen types typescript` has. */
export function printTypes(catalog: Catalog): string {
  const tables = catalog.relations.filter(({ kind }) => kind === "table");
  const views = catalog.relations.filter(({ kind }) => kind === "view");
  const lines = [
    "// Made by `npm run types` from supabase/migrations: not to be edited by hand.",
    "",
    "type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];",
    "",
    "export type Database = {",
    "  __InternalSupabase: {",
    `    PostgrestVersion: "${postgrestVersion}";`,
    "  };",
    "  public: {",
    ...section(
      "Tables",
      tables.map((table) => printRelation(catalog, table)),
    ),
    ...section(
      "Views",
      views.map((view) => printRelation(catalog, view)),
    ),
    ...section("Functions", printFunctions(catalog)),
    ...section(
      "Enums",
      catalog.enums.map(({ name, labels }) => [`${key(name)}: ${labels.map(quote).join(" | ")};`]),
    ),
    ...section(
      "CompositeTypes",
      catalog.composites.map(({ name, attributes }) => [
        `${key(name)}: {`,
        ...attributes.map((one) => `  ${key(one.name)}: ${typeOf(catalog, one.type)} | null;`),
        "};",
      ]),
    ),
    "  };",
    "};",
  ];
  return `${lines.join("\n")}\n`;
}

function section(name: string, entries: string[][]): string[] {
  if (entries.length === 0) return [`    ${name}: { [_ in never]: never };`];
  return [`    ${name}: {`, ...entries.flat().map((line) => `      ${line}`), "    };"];
}

function printRelation(catalog: Catalog, relation: Relation): string[] {
  const isView = relation.kind === "view";
  const rowType = (column: Column) => nullable(catalog, column, isView || column.nullable);
  const insert = (column: Column) => {
    if (column.generated) return `${key(column.name)}?: never;`;
    const optional = isView || column.nullable || column.hasDefault;
    return `${key(column.name)}${optional ? "?" : ""}: ${rowType(column)};`;
  };
  const update = (column: Column) => `${key(column.name)}?: ${column.generated ? "never" : rowType(column)};`;
  const block = (name: string, print: (column: Column) => string) => [
    `  ${name}: {`,
    ...relation.columns.map((column) => `    ${print(column)}`),
    "  };",
  ];
  return [
    `${key(relation.name)}: {`,
    ...block("Row", (column) => `${key(column.name)}: ${rowType(column)};`),
    ...(relation.writable ? [...block("Insert", insert), ...block("Update", update)] : []),
    ...printRelationships(relation),
    "};",
  ];
}

function printRelationships({ relationships }: Relation): string[] {
  if (relationships.length === 0) return ["  Relationships: [];"];
  return [
    "  Relationships: [",
    ...relationships.flatMap(({ name, columns, one_to_one, relation, referenced }) => [
      "    {",
      `      foreignKeyName: ${quote(name)};`,
      `      columns: [${columns.map(quote).join(", ")}];`,
      `      isOneToOne: ${one_to_one};`,
      `      referencedRelation: ${quote(relation)};`,
      `      referencedColumns: [${referenced.map(quote).join(", ")}];`,
      "    },",
    ]),
    "  ];",
  ];
}

/** Functions of one name are a union: which of them is called, the arguments decide. */
function printFunctions(catalog: Catalog): string[][] {
  const byName = Map.groupBy(catalog.functions, ({ name }) => name);
  return [...byName].map(([name, overloads]) => {
    const printed = overloads.map((one) => printFunction(catalog, one));
    const [only] = printed;
    if (printed.length === 1 && only) return [`${key(name)}: {`, ...only, "};"];
    return [
      `${key(name)}:`,
      ...printed.flatMap((lines, at) => [
        "  | {",
        ...lines.map((line) => `  ${line}`),
        at + 1 < printed.length ? "    }" : "    };",
      ]),
    ];
  });
}

function printFunction(catalog: Catalog, { args, table, returns, set }: DatabaseFunction): string[] {
  const input = args.map(({ name, type, optional }) => `${key(name)}${optional ? "?" : ""}: ${typeOf(catalog, type)}`);
  const relation = rowRelation(catalog, returns);
  const lines = [`  Args: ${input.length === 0 ? "never" : `{ ${input.join("; ")} }`};`];
  if (table.length > 0) {
    const columns = table.map(({ name, type }) => `    ${key(name)}: ${typeOf(catalog, type)};`);
    return [...lines, "  Returns: {", ...columns, `  }${set ? "[]" : ""};`];
  }
  if (relation) {
    const columns = relation.columns.map((column) => {
      return `    ${key(column.name)}: ${nullable(catalog, column, relation.kind === "view" || column.nullable)};`;
    });
    lines.push("  Returns: {", ...columns, `  }${set ? "[]" : ""};`, "  SetofOptions: {", '    from: "*";');
    return [
      ...lines,
      `    to: ${quote(relation.name)};`,
      `    isOneToOne: ${!set};`,
      `    isSetofReturn: ${set};`,
      "  };",
    ];
  }
  const type = typeOf(catalog, returns);
  return [...lines, `  Returns: ${set ? array(type) : type};`];
}

function rowRelation(catalog: Catalog, type: number): Relation | undefined {
  const oid = catalog.types.get(type)?.relation;
  return oid ? catalog.relations.find((relation) => relation.oid === oid) : undefined;
}

function nullable(catalog: Catalog, { type }: Column, isNullable: boolean): string {
  const text = typeOf(catalog, type);
  return isNullable && text !== "unknown" ? `${text} | null` : text;
}

function typeOf(catalog: Catalog, oid: number): string {
  const type = catalog.types.get(oid);
  if (!type) return "unknown";
  if (type.kind === "d") return typeOf(catalog, type.element);
  if (type.element !== 0) return array(typeOf(catalog, type.element));
  const ours = type.schema === "public";
  if (type.kind === "e" && ours) return `Database["public"]["Enums"][${quote(type.name)}]`;
  const relation = rowRelation(catalog, oid);
  if (relation)
    return `Database["public"]["${relation.kind === "view" ? "Views" : "Tables"}"][${quote(relation.name)}]["Row"]`;
  if (type.kind === "c" && ours) return `Database["public"]["CompositeTypes"][${quote(type.name)}]`;
  return scalars[type.name] ?? "unknown";
}

function array(type: string): string {
  return /^[\w[\]"]+$/.test(type) ? `${type}[]` : `(${type})[]`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function each(type: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, type]));
}
