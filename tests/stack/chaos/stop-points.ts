import type { Supabase } from "#lib/supabase/clients.ts";
import { makeEndlessPdf, makePdf } from "#tests/unit/make-pdf.ts";
import { makeMarkdown } from "../files.ts";
import type { Intercepted as Call } from "../start-proxy.ts";
import type { GatedStack } from "./boot-gated-stack.ts";
import type { Stop } from "./gate.ts";

/** A place in the work on a document at which its worker can be stopped: the call that it makes there. */
export interface StopPoint {
  name: string;
  isReachedBy: (call: Call) => boolean;
  service: "supabase" | "provider";
  moment: "before" | "after";
  file: (name: string) => File;
  /** Takes one of the few parser processes. */
  parses: boolean;
}

const rpc = (name: string, stage?: string) => (call: Call) =>
  call.path === `/rest/v1/rpc/${name}` && (!stage || call.body.includes(`"p_stage":"${stage}"`));
const readsOriginal = ({ method, path }: Call) => method === "GET" && path.startsWith("/storage/v1/object/documents/");
const removesArtifacts = ({ method, path }: Call) => method === "DELETE" && path === "/storage/v1/object/ingestion";
const embeds = ({ path }: Call) => path === "/v1/embeddings";

/** Embedded, stored and published by the step that reads it. */
const makeShort = (name: string) => makeMarkdown(`${name}.md`, 3);

/** Larger than what stays in memory when it was just taken in: its run fetches it. */
const makeLarge = (name: string) => new File([Buffer.alloc(33 * 1024 * 1024, "harbour ")], `${name}.md`);

/** Its pages are stored, and its first batch is embedded while the last ones are read. */
const makeLongPdf = (name: string) => {
  const lines = Array.from({ length: 20 }, (_, line) => ({ text: `Line ${line} of ${name}.`, y: 700 - line * 20 }));
  return new File([new Uint8Array(makePdf(Array.from({ length: 120 }, () => lines)))], `${name}.pdf`);
};

function point(name: string, isReachedBy: StopPoint["isReachedBy"], more: Partial<StopPoint> = {}): StopPoint {
  const file = (fileName: string) => makeMarkdown(`${fileName}.md`, 20);
  return { name, isReachedBy, service: "supabase", moment: "before", file, parses: false, ...more };
}

/** Between and inside all stages, in the order of the work. */
export const pointsInWork: StopPoint[] = [
  point("before it is taken up", rpc("start_job"), { file: makeLarge }),
  point("in download", readsOriginal, { moment: "after", file: makeLarge }),
  point("before parse", rpc("begin_stage", "parse"), { file: (name) => makeMarkdown(`${name}.md`, 1500) }),
  point("in parse, the parser at work", rpc("record_progress"), {
    moment: "after",
    file: (name) => new File([new Uint8Array(makeEndlessPdf())], `${name}.pdf`),
    parses: true,
  }),
  point("in parse, the first batch at the provider", embeds, { service: "provider", file: makeLongPdf }),
  point("before embed", rpc("begin_stage", "embed")),
  point("in embed, a batch at the provider", embeds, { service: "provider" }),
  point("in embed, vectors not stored yet", rpc("store_chunks")),
  point("in embed, vectors stored", rpc("store_chunks"), { moment: "after" }),
  point("in publish", rpc("publish_job")),
  point("of one batch, read and not taken down", rpc("prepare_batch"), { file: makeShort }),
  point("of one batch, at the provider", embeds, { service: "provider", file: makeShort }),
  point("of one batch, not stored yet", rpc("store_last_chunks"), { file: makeShort }),
];

/** The document is published by then, and its run has a last step to do. */
export const pointsAfterWork: StopPoint[] = [
  point("published, and the worker not told yet", rpc("publish_job"), { moment: "after" }),
  point("before its last step", removesArtifacts, { file: makeLongPdf }),
  point("of one batch, published, and the worker not told yet", rpc("store_last_chunks"), {
    moment: "after",
    file: makeShort,
  }),
];

/** Stops the worker of an owner's document at a point. `marker` is in the text of that document and of no other one. */
export function stopAt(stack: GatedStack, place: StopPoint, ownerId: string, marker: string): Stop {
  const isMeant = async (call: Call) => place.isReachedBy(call) && (await isFor(stack.database, call, ownerId, marker));
  return stack[place.service].hold(isMeant, place.moment);
}

async function isFor(database: Supabase, { path, body }: Call, ownerId: string, marker: string): Promise<boolean> {
  if (`${path}${body}`.includes(ownerId) || body.includes(marker)) return true;
  const job = /"p_job_id":"([^"]+)"/.exec(body)?.[1];
  if (!job) return false;
  const { data } = await database.from("ingestion_jobs").select("owner_id").eq("id", job).maybeSingle();
  return data?.owner_id === ownerId;
}
