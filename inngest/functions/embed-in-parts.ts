import type { GetStepTools } from "inngest";
import type { inngest } from "#inngest/client.ts";
import { stage } from "#inngest/functions/stage.ts";
import { type EmbeddedPart, embed } from "#lib/ingestion/embed.ts";
import type { EmbedDeps } from "#lib/ingestion/embed-batch.ts";
import { restUntilTurn } from "#lib/ingestion/rest-until-turn.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";

interface Input {
  job: JobWork;
  /** Passages of the whole document. */
  chunks: number;
  /** Its batches, one list for each lane of steps that run side by side. */
  shares: number[][];
}

interface Lane {
  id: number;
  left: number[];
  refusals: number;
}

/**
 * Embeds batches part by part. When the turn at the provider is too far away for all lanes, the run sleeps, which takes no place, and goes on
 * in one lane: a provider that is slower than a batch a minute needs no more.
 */
export async function embedInParts(
  deps: EmbedDeps,
  step: GetStepTools<typeof inngest>,
  { job, chunks, shares }: Input,
): Promise<void> {
  let lanes: Lane[] = shares.map((left, id) => ({ id, left, refusals: 0 }));
  let hasRested = false;
  for (let part = 0; lanes.length > 0; part += 1) {
    const places = lanes.length;
    const embedded = await Promise.all(
      lanes.map(async ({ id, left: batches, refusals }) => {
        const run = stage(() => embed(deps, { ...job, chunks, batches, places, refusals, hasRested }));
        return { id, ...withDefaults(await step.run(part === 0 ? `embed-${id}` : `embed-${id}-${part}`, run)) };
      }),
    );
    lanes = embedded.filter(({ left }) => left.length > 0);
    const turns = embedded.flatMap(({ left, far }) => (left.length > 0 && far ? [far] : []));
    const [nearest] = turns.toSorted((a, b) => a.waitSeconds - b.waitSeconds);
    hasRested = nearest !== undefined && turns.length === lanes.length;
    if (!nearest || !hasRested) continue;
    const rest = await step.run(
      `rest-${part}`,
      stage(() => restUntilTurn(deps, job, nearest)),
    );
    await step.sleep(`until-turn-${part}`, rest.seconds * 1000);
    lanes = [joinLanes(lanes)];
  }
}

/** What the version of before has answered in a run that goes on here. */
function withDefaults({ left, far = null, refusals = 0 }: Pick<EmbeddedPart, "left"> & Partial<EmbeddedPart>) {
  return { left, far, refusals };
}

function joinLanes(lanes: Lane[]): Lane {
  const left = lanes.flatMap((lane) => lane.left).toSorted((a, b) => a - b);
  return { id: 0, left, refusals: Math.max(...lanes.map(({ refusals }) => refusals)) };
}
