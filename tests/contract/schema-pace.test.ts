import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addOwner, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());
beforeEach(() => schema.query("delete from public.embedding_pace"));

interface Turn {
  wait_seconds: number;
  is_taken: boolean;
  code: string | null;
  after_pause: string | null;
}

async function take(
  requests: number | null,
  tokens: number | null = null,
  longestWait = 60,
  size = 100,
): Promise<Turn> {
  const [turn] = await schema.asService(() =>
    schema.query<Turn>("select * from public.take_embedding_turn('m', $1, $2, $3, $4)", [
      size,
      requests,
      tokens,
      longestWait,
    ]),
  );
  if (!turn) throw new Error("There is no turn.");
  return turn;
}

async function pause(seconds: number, code = "embedding_rate_limited", requests: number | null = null) {
  const rows = await schema.asService(() =>
    schema.query<{ news: boolean }>("select public.pause_embedding('m', $1, $2, $3, null) as news", [
      seconds,
      code,
      requests,
    ]),
  );
  return rows[0]?.news;
}

async function stands({ after_pause: afterPause }: Turn) {
  const rows = await schema.query<{ stands: boolean }>("select public.embedding_turn_stands('m', $1) as stands", [
    afterPause,
  ]);
  return rows[0]?.stands;
}

/** All that is due comes nearer by so many seconds. */
const letPass = (seconds: number) =>
  schema.query(
    `update public.embedding_pace set requests_from = requests_from - make_interval(secs => $1), tokens_from = tokens_from - make_interval(secs => $1),
       paused_until = paused_until - make_interval(secs => $1), told_at = told_at - make_interval(secs => $1), learned_at = learned_at - make_interval(secs => $1)`,
    [seconds],
  );

test("without a limit and without a refusal nobody waits, and nothing is written", async () => {
  expect(await take(null)).toMatchObject({ wait_seconds: 0, is_taken: true, code: null });
  expect(await schema.query("select * from public.embedding_pace")).toEqual([]);
});

test("turns keep nine tenths of a limit of requests, a second's worth at once", async () => {
  const waits: number[] = [];
  for (let turn = 0; turn < 9; turn += 1) waits.push((await take(240)).wait_seconds);
  // 3.6 a second.
  expect(waits.slice(0, 4).every((wait) => wait === 0)).toBe(true);
  for (const [index, wait] of waits.entries())
    if (index >= 4) expect(Math.abs(wait - (index / 3.6 - 1))).toBeLessThan(0.2);
});

test("a limit of tokens counts what a request has", async () => {
  expect((await take(null, 60_000, 60, 9000)).wait_seconds).toBe(0);
  // 9,000 of 54,000 a minute are ten seconds.
  expect((await take(null, 60_000, 60, 100)).wait_seconds).toBeCloseTo(9, 0);
});

test("a turn that is too far away is not given out", async () => {
  await take(1);
  const first = await take(1, null, 10);
  expect([first.is_taken, Math.round(first.wait_seconds)]).toEqual([false, 66]);
  expect(Math.round((await take(1, null, 10)).wait_seconds)).toBe(66);
});

test("a pause takes the turns back that were given out, and after it they come one by one", async () => {
  await take(60);
  await take(60);
  const waiting = await take(60);
  expect(await stands(waiting)).toBe(true);
  await pause(5);
  expect(await stands(waiting)).toBe(false);
  const again = [await take(60), await take(60), await take(60)];
  expect(again.map(({ wait_seconds: wait }) => Math.round(wait * 10) / 10)).toEqual([5, 6.1, 7.2]);
  expect(await Promise.all(again.map(stands))).toEqual([true, true, true]);
  await pause(1);
  expect(await Promise.all(again.map(stands)), "a shorter pause changes nothing").toEqual([true, true, true]);
});

test("a pause lasts a quarter of an hour at most, and may be asked for again", async () => {
  await pause(86_400);
  const turn = await take(null, null, 0);
  expect([turn.is_taken, turn.code, Math.round(turn.wait_seconds)]).toEqual([false, "embedding_rate_limited", 900]);
  await letPass(901);
  expect(await take(null)).toMatchObject({ is_taken: true, code: null, wait_seconds: 0 });
  await pause(86_400);
  expect(Math.round((await take(null)).wait_seconds)).toBe(900);
});

test("while a pause lasts its reason is told, and its end is the end of it", async () => {
  await pause(15, "embedding_quota_exceeded");
  expect(await take(null)).toMatchObject({ code: "embedding_quota_exceeded", is_taken: true });
  await letPass(20);
  expect(await take(null)).toMatchObject({ code: null, wait_seconds: 0 });
});

test("limits that the provider told are kept to for an hour, the lower one counts", async () => {
  await pause(0, "embedding_rate_limited", 30);
  const waits = async (limit: number | null) => {
    await letPass(70);
    await take(limit);
    return (await take(limit)).wait_seconds;
  };
  // One of 27 or of 10.8 a minute, a second's worth at once; what the calls take themselves is waited already.
  const isNear = (wait: number, expected: number) => wait < expected + 0.01 && wait > expected - 0.2;
  expect(await waits(null)).toSatisfy((wait: number) => isNear(wait, 60 / 27 - 1));
  expect(await waits(300)).toSatisfy((wait: number) => isNear(wait, 60 / 27 - 1));
  expect(await waits(12)).toSatisfy((wait: number) => isNear(wait, 60 / 10.8 - 1));
  await letPass(3600);
  expect(await waits(null)).toBe(0);
});

test("operators are told of a reason once an hour, and of another reason at once", async () => {
  expect(await pause(1, "embedding_quota_exceeded")).toBe(true);
  expect(await pause(1, "embedding_quota_exceeded")).toBe(false);
  expect(await pause(1, "embedding_rate_limited")).toBe(true);
  await letPass(3601);
  expect(await pause(1, "embedding_rate_limited")).toBe(true);
});

test("jobs that rest until their turn are told one time each, a turn after the other, and soon begin at the front again", async () => {
  const owner = await addOwner(schema);
  async function rest(seconds: number, turnSeconds: number) {
    const { documentId, jobId } = await register(schema, owner);
    const begun = await start(schema, documentId, jobId, randomUUID());
    const [row] = await schema.asService(() =>
      schema.query<{ seconds: number }>("select round(public.rest_until_turn($1, $2, 'm', $3, $4)) as seconds", [
        jobId,
        begun?.attempt,
        seconds,
        turnSeconds,
      ]),
    );
    const [job] = await schema.query<{ rests: number }>(
      "select round(extract(epoch from resumes_at - now())) as rests from public.ingestion_jobs where id = $1",
      [jobId],
    );
    expect(Number(job?.rests)).toBe(Number(row?.seconds));
    return Number(row?.seconds);
  }
  expect([await rest(100, 400), await rest(100, 400), await rest(100, 400)]).toEqual([100, 500, 900]);
  expect(await rest(100, 400), "a quarter of an hour later").toBe(100);
  expect(await rest(3600, 10), "a pause puts all off").toBe(3600);
  expect(await rest(3600, 10)).toBe(3610);
});

test("a job that was cancelled does not rest", async () => {
  const owner = await addOwner(schema);
  const { documentId, jobId } = await register(schema, owner);
  await start(schema, documentId, jobId, "run");
  await schema.query("select public.cancel_job($1, $2)", [owner, documentId]);
  expect(await schema.query("select public.rest_until_turn($1, 1, 'm', 100, 1) as seconds", [jobId])).toEqual([
    { seconds: null },
  ]);
});

test("nobody but the service gives out turns or pauses", async () => {
  const user = await addOwner(schema);
  for (const call of [
    "select * from public.take_embedding_turn('m', 1, 1, 1, 1)",
    "select public.pause_embedding('m', 1, 'c', 1, 1)",
    "select public.rest_until_turn(gen_random_uuid(), 1, 'm', 1, 1)",
    "select * from public.embedding_pace",
  ]) {
    await expect(schema.as(user, () => schema.query(call))).rejects.toThrow("permission denied");
  }
});
