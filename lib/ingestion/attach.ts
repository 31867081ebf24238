import type { Env } from "#lib/env.ts";
import { beginStage } from "#lib/ingestion/begin-stage.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import { openAttachments } from "#lib/ingestion/open-attachments.ts";
import type { JobRef, JobWork } from "#lib/ingestion/schema.ts";
import { dropSource, fetchSource } from "#lib/ingestion/source-file.ts";
import { storeAttachment } from "#lib/ingestion/store-attachment.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Deps {
  supabase: Supabase;
  env: Pick<Env, "MAX_FILE_BYTES">;
}

/** Of all attachments of a file together. */
const mostMegabytes = 100;

const tooMuch = `With those before it, it is more than the ${mostMegabytes} MB that are read of the attachments of one file.`;
const tooDeep =
  "It came in an e-mail that is an attachment itself. Upload that e-mail as a file of its own to have it read.";

/**
 * Makes a document of every attachment that can be read, and notes why the others are none. Answers the documents' ids, whose events
 * wait in the outbox. What an attached mail carries is only noted. Throws `job_superseded`. Safe to repeat, also at the same time.
 */
export async function attach(deps: Deps, job: JobRef): Promise<{ documentIds: string[]; attachments: number }> {
  const work = await beginStage(deps.supabase, job, "parse");
  return await dropWhenEnded(deps, work, async () => await attachAll(deps, work).finally(() => dropSource(work)));
}

async function attachAll(deps: Deps, work: JobWork): Promise<{ documentIds: string[]; attachments: number }> {
  const { supabase } = deps;
  const { documentId, mediaType } = work;
  const [document] = unwrap(await supabase.from("documents").select("parent_id").eq("id", documentId));
  const documentIds = new Set<string>();
  let position = 0;
  let sizeBytes = 0;
  for (;;) {
    const page = await openAttachments({ path: await fetchSource(supabase, work), mediaType, from: position });
    if (page.length === 0) break;
    for (const attachment of page) {
      sizeBytes += attachment.bytes.length;
      const refusal = document?.parent_id ? tooDeep : sizeBytes > mostMegabytes * 1024 * 1024 ? tooMuch : undefined;
      const id = await storeAttachment(deps, work, { ...attachment, position, refusal });
      if (id) documentIds.add(id);
      position += 1;
    }
  }
  // An earlier version of the parser may have found more.
  unwrap(await supabase.from("attachments").delete().eq("parent_id", documentId).gte("position", position));
  return { documentIds: [...documentIds], attachments: position };
}
