import { inngest } from "#inngest/client.ts";
import {
  documentCancelRequested,
  documentDeleted,
  documentReprocessRequested,
  documentUploaded,
} from "#inngest/events.ts";
import { embedInParts } from "#inngest/functions/embed-in-parts.ts";
import { readRunFailure } from "#inngest/functions/read-run-failure.ts";
import { shareOut } from "#inngest/functions/share-out.ts";
import { stage } from "#inngest/functions/stage.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import type { Deps } from "#lib/deps.ts";
import { readUnsent } from "#lib/documents/outbox.ts";
import { asFailure } from "#lib/errors.ts";
import { attach } from "#lib/ingestion/attach.ts";
import { cleanUp } from "#lib/ingestion/clean-up.ts";
import { download } from "#lib/ingestion/download.ts";
import { failJob } from "#lib/ingestion/fail-job.ts";
import { findJob } from "#lib/ingestion/find-job.ts";
import { parse } from "#lib/ingestion/parse.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import { publish } from "#lib/ingestion/publish.ts";
import { logFailure } from "#lib/log-failure.ts";

/** Turns one uploaded file into searchable passages. Each stage is a step: what is done is not done again. */
export function createIngestDocument(deps: Deps) {
  const { env } = deps;
  const settings = pipelineSettings(env);
  // Of its owner's places a long document leaves one to the owner's other documents.
  const lanes = Math.max(env.OWNER_CONCURRENCY - 1, 1);
  // Told with the answer, for the run must share its batches out in the same way to its end, whatever the limit is by then.
  const withLanes = <T extends object>(parsed: T | null) => parsed && { ...parsed, lanes };
  return inngest.createFunction(
    {
      id: "ingest-document",
      triggers: [documentUploaded, documentReprocessRequested],
      retries: 4,
      // Of a small document, which has two, the engine then hears in the answer.
      checkpointing: { bufferedSteps: 3, maxInterval: 2_000 },
      concurrency: [{ limit: env.EMBEDDING_CONCURRENCY }, { key: "event.data.ownerId", limit: env.OWNER_CONCURRENCY }],
      cancelOn: [
        { event: documentCancelRequested, if: "async.data.jobId == event.data.jobId" },
        { event: documentDeleted, if: "async.data.documentId == event.data.documentId" },
      ],
      onFailure: async ({ event, error, step }) => {
        const { run_id: runId, event: asked } = event.data;
        await step.run("fail-job", async () => {
          const failure = readRunFailure(error);
          const jobId = await findJob(deps, { ...asked.data, eventId: asked.id ?? "" });
          logFailure("ingestion failed", failure, { correlationId: runId, jobId });
          return jobId ? await failJob(deps, { jobId, runId, failure, correlationId: runId }) : null;
        });
      },
    },
    async ({ event, runId, step }) => {
      const { documentId, jobId } = event.data;
      try {
        const job = await step.run(
          "download",
          stage(() => download(deps, { documentId, jobId, eventId: event.id ?? "", runId, settings })),
        );
        let parsed = null;
        for (let part = 0; !parsed; part += 1) {
          parsed = await step.run(
            part === 0 ? "parse" : `parse-${part}`,
            stage(async () => withLanes(await parse(deps, job))),
          );
        }
        if (parsed.attachments > 0) {
          const { documentIds } = await step.run(
            "attach",
            stage(() => attach(deps, job)),
          );
          await step.run("announce-attachments", async () => {
            await sendOutbox({ inngest, supabase: deps.supabase }, await readUnsent(deps, { documentIds }));
          });
        }
        const { chunks: planned, batches } = parsed;
        // A run of before has not told its lanes.
        await embedInParts(deps, step, { job, chunks: planned, shares: shareOut(batches, parsed.lanes ?? lanes) });
        if (!parsed.isPublished) {
          await step.run(
            "publish",
            stage(() => publish(deps, job)),
          );
        }
        if (parsed.leavesWork || job.number > 1) {
          await step.run(
            "clean-up",
            stage(() => cleanUp(deps, { jobId: job.jobId })),
          );
        }
        return { outcome: "published", chunks: planned };
      } catch (thrown) {
        // Cancelled, deleted or taken over by a newer run: that is an end, not a failure.
        if (asFailure(thrown).code === "job_superseded") return { outcome: "superseded" };
        throw thrown;
      }
    },
  );
}
