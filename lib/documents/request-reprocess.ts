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

/** Queues a document again, and answers with its new job; the served index stays until that one is published. `supabase` acts as the service. */
export async function requestReprocess({ supabase }: { supabase: Supabase }, input: Input): Promise<{ jobId: string }> {
  const [jobId] = unwrap(
    await supabase.rpc("request_reprocess", {
      p_owner_id: input.ownerId,
      p_document_id: parseDocumentId(input.documentId),
      p_settings: { ...input.settings },
    }),
  );
  if (!jobId) throw new Failure("document_not_found");
  return { jobId };
}
