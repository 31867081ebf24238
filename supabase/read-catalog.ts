import type { PGlite } from "@electric-sql/pglite";

export interface Catalog {
  relations: Relation[];
  functions: DatabaseFunction[];
  enums: { name: string; labels: string[] }[];
  composites: { name: string; attributes: { name: string; type: number }[] }[];
  types: Map<number, DatabaseType>;
}

export interface Relation {
  oid: number;
  name: string;
  kind: "table" | "view";
  /** Whether rows can be inserted and updated: a table always, a view when it is simple enough. */
  writable: boolean;
  columns: Column[];
  relationships: Relationship[];
}

export interface Column {
  name: string;
  type: number;
  nullable: boolean;
  hasDefault: boolean;
  /** The database makes its value and takes none. */
  generated: boolean;
}

export interface Relationship {
  name: string;
  columns: string[];
  one_to_one: boolean;
  relation: string;
  referenced: string[];
}

export interface DatabaseFunction {
  name: string;
  args: { name: string; type: number; optional: boolean }[];
  /** The columns of `returns table`, else empty. */
  table: { name: string; type: number }[];
  returns: number;
  set: boolean;
}

export interface DatabaseType {
  oid: number;
  schema: string;
  name: string;
  /** pg_type.typtype: b(ase), c(omposite), d(omain), e(num), p(seudo), r(ange), m(ultirange). */
  kind: string;
  /** The type of an array's elements or under a domain, else 0. */
  element: number;
  /** The relation whose row it is, else 0. */
  relation: number;
}

/** Reads what the API exposes of the schema `public`, without what extensions put there, all in order of name. */
export async function readCatalog(database: PGlite): Promise<Catalog> {
  const rows = async <T>(sql: string) => (await database.query<T>(sql)).rows;
  const types = await rows<DatabaseType>(`
    select t.oid::int4, n.nspname as schema, t.typname as name, t.typtype as kind, t.typrelid::int4 as relation,
           case when t.typtype = 'd' then t.typbasetype::int4 when t.typcategory = 'A' then t.typelem::int4 else 0 end as element
    from pg_type t join pg_namespace n on n.oid = t.typnamespace`);
  return {
    types: new Map(types.map((type) => [type.oid, type])),
    relations: await rows<Relation>(relationsSql),
    functions: await rows<DatabaseFunction>(functionsSql),
    enums: await rows(`
      select t.typname as name, array_agg(e.enumlabel::text order by e.enumsortorder) as labels
      from pg_type t join pg_enum e on e.enumtypid = t.oid
      where t.typnamespace = 'public'::regnamespace group by t.typname order by t.typname collate "C"`),
    composites: await rows(`
      select c.relname as name,
             json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int4) order by a.attnum) as attributes
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind = 'c' and c.relnamespace = 'public'::regnamespace and ${notOfExtension("c.oid")}
      group by c.relname order by c.relname collate "C"`),
  };
}

function notOfExtension(oid: string): string {
  return `not exists (select from pg_depend x where x.objid = ${oid} and x.deptype = 'e')`;
}

const relationsSql = `
  select c.oid::int4, c.relname as name, case when c.relkind in ('v', 'm') then 'view' else 'table' end as kind,
         c.relkind in ('r', 'p') or pg_relation_is_updatable(c.oid, false) & 12 = 12 as writable,
         (select json_agg(json_build_object(
            'name', a.attname, 'type', a.atttypid::int4, 'nullable', not a.attnotnull,
            'hasDefault', a.atthasdef or a.attidentity <> '',
            'generated', a.attgenerated <> '' or a.attidentity = 'a'
          ) order by a.attname collate "C")
          from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
         coalesce((select json_agg(json_build_object(
            'name', f.conname, 'relation', r.relname,
            'columns', (select json_agg(a.attname order by k.at) from unnest(f.conkey) with ordinality k (num, at)
                        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.num),
            'referenced', (select json_agg(a.attname order by k.at) from unnest(f.confkey) with ordinality k (num, at)
                           join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.num),
            'one_to_one', exists (select from pg_constraint u where u.conrelid = f.conrelid and u.contype in ('p', 'u')
                                  and u.conkey <@ f.conkey and u.conkey @> f.conkey)
          ) order by f.conname collate "C")
          from pg_constraint f join pg_class r on r.oid = f.confrelid
          where f.conrelid = c.oid and f.contype = 'f' and r.relnamespace = 'public'::regnamespace), '[]') as relationships
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and ${notOfExtension("c.oid")}
  order by c.relname collate "C"`;

const functionsSql = `
  with callable as (
    -- An oidvector counts from zero and its cast to an array too, the other arrays of pg_proc from one: hence by way of text.
    select p.*, coalesce(p.proallargtypes, string_to_array(p.proargtypes::text, ' ')::oid[]) as types,
           coalesce(p.proargmodes, array_fill('i'::"char", array[p.pronargs::int])) as modes
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and ${notOfExtension("p.oid")}
      and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
  )
  select p.proname as name, p.prorettype::int4 as returns, p.proretset as set,
         coalesce((select json_agg(json_build_object(
            'name', coalesce(p.proargnames[i], ''), 'type', p.types[i]::int4, 'optional', nth > p.pronargs - p.pronargdefaults
          ) order by i)
          from (select i, row_number() over (order by i) as nth from generate_subscripts(p.types, 1) i
                where p.modes[i] in ('i', 'b', 'v')) input), '[]') as args,
         coalesce((select json_agg(json_build_object('name', p.proargnames[i], 'type', p.types[i]::int4) order by i)
                   from generate_subscripts(p.types, 1) i where p.modes[i] in ('t', 'o', 'b')), '[]') as "table"
  from callable p order by p.proname collate "C", p.oid`;
