import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import { createServiceClient, createUserClient, type Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";
import { type EmbeddedSupabase, startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { percentile, summarise } from "../summarise.ts";
import { createSource, type Passage, type Question } from "./make-passages.ts";
import { storePassages } from "./store-passages.ts";

const queries = 100;
const warmUps = 10;
const wanted = 10;
const documentSize = 250;
/** As `exact_search_limit()` has it. */
const exactLimit = 20_000;
/** Of the owners that are only there to be many. */
const otherSize = 500;

type Stored = Passage & { id: string };

interface Owner {
  name: string;
  supabase: Supabase;
  stored: Stored[];
}

interface Asked extends Question {
  isFar: boolean;
}

interface Measured {
  median: number;
  p95: number;
  /** The least that an answer had, of as many as could be. */
  rows: string;
  recall: number;
  farRecall: number;
}

/** Prints what a search takes by the size of the table and of the owner, and how much of what is nearest it finds. */
export async function benchSearch(): Promise<void> {
  const server = await startEmbeddedSupabase({
    migrationsDir: join(import.meta.dirname, "../../../supabase/migrations"),
  });
  try {
    const bench = createBench(server);
    printRow(["table", "owner's", "way", "median ms", "p95 ms", "fewest rows", "recall@10", "far"]);
    const tiny = await bench.addOwner(20);
    await bench.report([tiny, await bench.addOwner(100)], 1000, "exact");
    const middle = await bench.addOwner(1000);
    await bench.report([tiny, middle], 10_000, "exact");
    const owners = [tiny, middle, await bench.addOwner(5000), await bench.addOwner(22_000)];
    await bench.report(owners, 50_000, "exact");
    const took = await bench.buildIndex();
    await bench.report(owners, 50_000, "index");
    console.log(`\nmaintain_vector_index() took ${(took / 1000).toFixed(1)} s.`);
  } finally {
    await server.stop();
  }
}

function createBench(server: EmbeddedSupabase) {
  const address = { SUPABASE_URL: server.url, SUPABASE_SECRET_KEY: server.secretKey };
  const service = createServiceClient(address);
  const source = createSource(7);
  const everything: Passage[] = [];

  async function addOwner(size: number): Promise<Owner> {
    const { userId, supabase } = await signUp(server, service);
    const topics = source.pickTopics(Math.max(3, Math.ceil(size / 400)));
    const stored: Stored[] = [];
    while (stored.length < size) {
      const passages = source.makeDocument(topics, Math.min(documentSize, size - stored.length));
      const ids = await storePassages(service, userId, passages);
      stored.push(...passages.map((passage, index) => ({ ...passage, id: ids[index] ?? "" })));
    }
    everything.push(...stored);
    return { name: size.toLocaleString("en"), supabase, stored };
  }

  return {
    addOwner,
    /** Fills the table to `size` and measures the owners in it. */
    report: async (owners: Owner[], size: number, way: string) => {
      while (everything.length < size) await addOwner(Math.min(otherSize, size - everything.length));
      for (const owner of owners) {
        const asked = Array.from({ length: queries + warmUps }, (_, index) => {
          // People also ask for what they do not have: then the nearest are all far, and others have nearer ones.
          const isFar = index % 2 === 1;
          return { ...source.askAbout(source.pick(isFar ? everything : owner.stored)), isFar };
        });
        const { median, p95, rows, recall, farRecall } = await measure(owner, asked);
        const figures = [median.toFixed(1), p95.toFixed(1), rows, recall.toFixed(3), farRecall.toFixed(3)];
        const isExact = owner.stored.length <= exactLimit;
        printRow([size.toLocaleString("en"), owner.name, isExact ? "exact" : way, ...figures]);
      }
    },
    buildIndex: async () => {
      const began = performance.now();
      if (!unwrap(await service.rpc("maintain_vector_index"))) throw new Error("The index was not built.");
      return performance.now() - began;
    },
  };
}

async function measure({ supabase, stored }: Owner, asked: Asked[]): Promise<Measured> {
  const taken: number[] = [];
  const shares: { own: number[]; far: number[] } = { own: [], far: [] };
  let fewest = Number.POSITIVE_INFINITY;
  for (const [index, question] of asked.entries()) {
    const began = performance.now();
    const found = await search(supabase, question.words, question.vector);
    if (index < warmUps) continue;
    taken.push(performance.now() - began);
    // A word that nobody has leaves the answer to the vectors.
    const byVector = await search(supabase, "qqxxqqxx", question.vector);
    fewest = Math.min(fewest, found.length, byVector.length);
    const nearest = findNearest(stored, question.vector);
    shares[question.isFar ? "far" : "own"].push(byVector.filter((id) => nearest.has(id)).length / nearest.size);
  }
  return {
    median: summarise(taken).median,
    p95: percentile(taken, 0.95),
    rows: `${fewest} of ${Math.min(wanted, stored.length)}`,
    recall: average(shares.own),
    farRecall: average(shares.far),
  };
}

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function search(supabase: Supabase, words: string, vector: Float32Array): Promise<string[]> {
  const asked = { p_query: words, p_embedding: encodeVector(vector), p_limit: wanted };
  return unwrap(await supabase.rpc("search_chunks", asked)).map((row) => row.chunk_id);
}

/** By brute force, here and not in the database. */
function findNearest(stored: Stored[], asked: Float32Array): Set<string> {
  const scored = stored.map(({ id, vector }) => {
    let cosine = 0;
    for (let index = 0; index < vector.length; index += 1) cosine += (vector[index] ?? 0) * (asked[index] ?? 0);
    return { id, cosine };
  });
  const best = scored.sort((a, b) => b.cosine - a.cosine).slice(0, wanted);
  return new Set(best.map(({ id }) => id));
}

async function signUp(server: EmbeddedSupabase, service: Supabase) {
  const account = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const { data, error } = await service.auth.admin.createUser({ ...account, email_confirm: true });
  if (error) throw error;
  const address = { SUPABASE_URL: server.url, SUPABASE_PUBLISHABLE_KEY: server.publishableKey };
  const { data: session, error: refused } = await createUserClient(
    address,
    server.publishableKey,
  ).auth.signInWithPassword(account);
  if (refused) throw refused;
  return { userId: data.user.id, supabase: createUserClient(address, session.session.access_token) };
}

function printRow(cells: string[]): void {
  console.log(cells.map((cell, index) => (index === 2 ? cell.padEnd(8) : `${cell.padStart(11)}  `)).join(""));
}
