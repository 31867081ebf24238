import { parseDocumentId } from "#lib/documents/document-id.ts";
import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  ownerId: string;
  documentId: string;
}

/**
 * Serves the index again that was served before the present one, which is kept in turn. Throws `document_not_found`, `document_busy`
 * while a job is in work, `rollback_unavailable` when no former index is kept. `supabase` acts as the service.
 */
export async function rollBack({ supabase }: { supabase: Supabase }, input: Input): Promise<void> {
  const [outcome] = unwrap(
    await supabase.rpc("roll_back_document", {
      p_owner_id: input.ownerId,
      p_document_id: parseDocumentId(input.documentId),
    }),
  );
  if (outcome === undefined) throw new Failure("document_not_found");
  if (outcome === "busy") throw new Failure("document_busy");
  if (outcome === "none") throw new Failure("rollback_unavailable");
}
