import { parseDocumentId } from "#lib/documents/document-id.ts";
import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  ownerId: string;
  documentId: string;
}

/** Stops the work on a document; what is published stays. Throws `document_busy` when nothing is in work. `supabase` acts as the service. */
export async function cancelDocument({ supabase }: { supabase: Supabase }, input: Input): Promise<void> {
  const [cancelled] = unwrap(
    await supabase.rpc("cancel_job", {
      p_owner_id: input.ownerId,
      p_document_id: parseDocumentId(input.documentId),
    }),
  );
  if (cancelled === undefined) throw new Failure("document_not_found");
  if (!cancelled) throw new Failure("document_busy", { detail: "Nothing is in work, so there is nothing to cancel." });
}
