import { parseDocumentId } from "#lib/documents/document-id.ts";
import type { DocumentView } from "#lib/documents/schema.ts";
import { viewDocument } from "#lib/documents/view-document.ts";
import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** One document as `supabase`'s user may see it. Throws `document_not_found`. */
export async function readDocument({ supabase }: { supabase: Supabase }, documentId: string): Promise<DocumentView> {
  const id = parseDocumentId(documentId);
  const row = unwrap(await supabase.from("document_overviews").select("*").eq("id", id).maybeSingle());
  if (!row) throw new Failure("document_not_found");
  return viewDocument(row);
}
