import { setTimeout as delay } from "node:timers/promises";
import { searchAnswerSchema } from "#lib/search/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";

/** So many questions may be open at once; on a machine that is too slow for the pace some are left out. */
const mostOpen = 16;

const resultsWanted = 10;

interface Answer {
  askedAt: number;
  answeredAt: number;
  status: number;
  chunkIds: string[];
}

/** Asks one question again and again, at a pace, whether or not the former answers have come, until it is stopped. */
export function pollSearch(owner: Api, question: string, perSecond: number) {
  const answers: Answer[] = [];
  const open = new Set<Promise<void>>();
  const stop = new AbortController();
  const query = new URLSearchParams({ q: question, limit: String(resultsWanted) });
  const ask = async () => {
    const askedAt = performance.now();
    // A connection that breaks is an answer too: one that the test must see.
    const response = await owner.call(`/api/search?${query}`).catch(() => Response.json(null, { status: 599 }));
    const { data } = searchAnswerSchema.safeParse(await response.json().catch(() => null));
    const chunkIds = data?.results.map(({ chunkId }) => chunkId) ?? [];
    answers.push({ askedAt, answeredAt: performance.now(), status: response.status, chunkIds });
  };
  const beganAt = performance.now();
  const polling = (async () => {
    for (let turn = 1; !stop.signal.aborted; turn += 1) {
      if (open.size < mostOpen) {
        const asking = ask().finally(() => open.delete(asking));
        open.add(asking);
      }
      await delay(Math.max(beganAt + (turn * 1000) / perSecond - performance.now(), 0));
    }
    await Promise.all(open);
  })();
  return {
    answers,
    /** Waits for the answers that are still to come; answers with how many came a second. */
    stop: async () => {
      stop.abort();
      await polling;
      return (answers.length * 1000) / (performance.now() - beganAt);
    },
  };
}

/** What each answer was: `old` or `new` when it has all results that were asked for and every one is of that index, else what is wrong. */
export function sortAnswers(answers: Answer[], old: Set<string>, fresh: Set<string>): string[] {
  return answers.map(({ status, chunkIds }) => {
    if (status !== 200) return `status ${status}`;
    if (chunkIds.length !== resultsWanted) return `${chunkIds.length} results`;
    if (chunkIds.every((chunkId) => old.has(chunkId))) return "old";
    return chunkIds.every((chunkId) => fresh.has(chunkId)) ? "new" : "mixed";
  });
}
