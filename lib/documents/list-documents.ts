import { z } from "zod";
import { type DocumentList, documentStatuses, documentStatusSchema, type ListQuery } from "#lib/documents/schema.ts";
import { viewDocument } from "#lib/documents/view-document.ts";
import { Failure, mayReprocessHelp } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const cursorSchema = z.tuple([z.iso.datetime({ offset: true }), z.uuid()]);

interface Count {
  status: string;
  code: string | null;
  count: number;
}

/** The user's documents, newest first. What is counted is counted of all documents, whatever the filter. */
export async function listDocuments({ supabase }: { supabase: Supabase }, query: ListQuery): Promise<DocumentList> {
  let rows = supabase
    .from("document_overviews")
    .select("*")
    .order("created_at", { ascending: false })
    .order("id", { ascending: false })
    .limit(query.limit + 1);
  if (query.status) rows = rows.eq("status", query.status);
  if (query.q) {
    rows = rows.ilike("names", `%${query.q.replace(/[\\%_]/g, "\\$&")}%`);
  }
  if (query.ids) rows = rows.in("id", query.ids);
  if (query.cursor) {
    const [createdAt, id] = readCursor(query.cursor);
    rows = rows.or(`created_at.lt."${createdAt}",and(created_at.eq."${createdAt}",id.lt.${id})`);
  }
  const [found, counted] = await Promise.all([rows, supabase.rpc("count_documents")]);
  const page = unwrap(found);
  const counts = unwrap(counted);
  const shown = page.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    documents: shown.map((row) => viewDocument(row)),
    nextCursor: page.length > query.limit && last ? writeCursor(last.created_at, last.id) : null,
    counts: countByStatus(counts),
    worthReprocessing: sumUp(counts.filter(({ status, code }) => status === "error" && mayReprocessHelp(code ?? ""))),
  };
}

function countByStatus(rows: Count[]): DocumentList["counts"] {
  const count = (status: string) => sumUp(rows.filter((row) => row.status === status));
  return z
    .record(documentStatusSchema, z.number())
    .parse(Object.fromEntries(documentStatuses.map((status) => [status, count(status)])));
}

function sumUp(rows: Count[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

function writeCursor(createdAt: string | null, id: string | null): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

function readCursor(cursor: string): z.infer<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (cause) {
    throw new Failure("request_invalid", { detail: "The cursor is not one that a list answered with.", cause });
  }
}
