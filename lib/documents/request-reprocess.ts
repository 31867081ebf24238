import { parseDocumentId } from "#lib/documents/document-id.ts";
import { Failure } from "#lib/errors.ts";
import type { PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  ownerId: string;
  documentId: string;
  settings: PipelineSettings;
}

/** Queues a document again; its served index stays until the new one is published. `supabase` acts as the service. */
export async function requestReprocess({ supabase }: { supabase: Supabase }, input: Input): Promise<void> {
  const jobs = unwrap(
    await supabase.rpc("request_reprocess", {
      p_owner_id: input.ownerId,
      p_document_id: parseDocumentId(input.documentId),
      p_settings: { ...input.settings },
    }),
  );
  if (jobs.length === 0) throw new Failure("document_not_found");
}
