import { parseDocumentId } from "#lib/documents/document-id.ts";
import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  ownerId: string;
  documentId: string;
}

/** Deletes a document in whatever state, with what came only with it: unseen at once, rows and objects removed after. `supabase` acts as the service. */
export async function deleteDocument({ supabase }: { supabase: Supabase }, input: Input): Promise<void> {
  const deleted = unwrap(
    await supabase.rpc("delete_document", {
      p_owner_id: input.ownerId,
      p_document_id: parseDocumentId(input.documentId),
    }),
  );
  if (!deleted) throw new Failure("document_not_found");
}
