import { z } from "zod";
import { Failure } from "#lib/errors.ts";

const outcomeSchema = z.object({
  published: z.boolean(),
  planned: z.number(),
  stored: z.number(),
  missing: z.array(z.number()),
});

/**
 * What `publish_job` answered. Throws `embedding_incomplete` with the ordinals that are missing, and `job_superseded` when there is no answer.
 */
export function readPublished(outcome: unknown): { chunks: number } {
  if (outcome === null) throw new Failure("job_superseded");
  const { published, planned, stored, missing } = outcomeSchema.parse(outcome);
  if (!published) {
    throw new Failure("embedding_incomplete", {
      detail: `${stored} of ${planned} passages are stored; missing are ${missing.join(", ")}.`,
    });
  }
  return { chunks: stored };
}
