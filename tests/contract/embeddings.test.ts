import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startEmbeddingsServer } from "#tests/embedded/embeddings.ts";

// One suite, two subjects: the stand-in always, a real server when its address is given.
const realUrl = process.env.EMBEDDINGS_CONTRACT_URL;
const standIn = realUrl ? null : await startEmbeddingsServer({ apiKey: "sk-test" });
const url = realUrl ?? standIn?.url ?? "";
const key = process.env.EMBEDDINGS_CONTRACT_KEY ?? "sk-test";
afterAll(() => standIn?.stop());

const answerSchema = z.object({
  object: z.literal("list"),
  model: z.string(),
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index: z.number(),
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number(), total_tokens: z.number() }),
});

async function post(body: unknown, bearer: string | null = key) {
  return await fetch(`${url}/embeddings`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function embed(body: object) {
  return answerSchema.parse(await (await post({ model: "text-embedding-3-small", ...body })).json());
}

async function refusal(body: unknown, bearer?: string | null) {
  const response = await post(body, bearer);
  const { error } = z
    .object({
      error: z.object({
        message: z.string(),
        type: z.string(),
        param: z.string().nullable(),
        code: z.string().nullable(),
      }),
    })
    .parse(await response.json());
  return { status: response.status, ...error };
}

describe("POST /v1/embeddings", () => {
  test("a string and an array answer with one vector an input, of unit length, in order", async () => {
    const one = await embed({ input: "hello world" });
    expect(one.data).toHaveLength(1);
    expect(one.data[0]?.embedding).toHaveLength(1536);
    expect(one.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
    const three = await embed({ input: ["a cat", "a dog", "hello world"], dimensions: 512 });
    expect(three.data.map((entry) => entry.index)).toEqual([0, 1, 2]);
    for (const { embedding } of three.data) {
      expect(embedding).toHaveLength(512);
      expect(Math.hypot(...(embedding as number[]))).toBeCloseTo(1, 3);
    }
  });

  test("base64 carries the same numbers as floats", async () => {
    const [floats, encoded] = await Promise.all([
      embed({ input: "the same text", dimensions: 64 }),
      embed({ input: "the same text", dimensions: 64, encoding_format: "base64" }),
    ]);
    const bytes = Buffer.from(String(encoded.data[0]?.embedding), "base64");
    const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, 64);
    const expected = floats.data[0]?.embedding;
    for (const [index, value] of (Array.isArray(expected) ? expected : []).entries()) {
      expect(numbers[index]).toBeCloseTo(value, 5);
    }
  });

  test("tokens are taken as input", async () => {
    const { usage } = await embed({ input: [[15339, 1917]], dimensions: 16 });
    expect(usage.prompt_tokens).toBe(2);
  });

  test("what is wrong is refused with a status, a type and a sentence", async () => {
    const model = "text-embedding-3-small";
    expect(await refusal({ model, input: "" })).toMatchObject({ status: 400, type: "invalid_request_error" });
    expect(await refusal({ model, input: [] })).toMatchObject({ status: 400 });
    expect(await refusal({ model, input: Array.from({ length: 2049 }, () => "x") })).toMatchObject({ status: 400 });
    expect(await refusal({ model, input: "word ".repeat(8300) })).toMatchObject({ status: 400 });
    expect(await refusal({ model, input: Array.from({ length: 40 }, () => "word ".repeat(8000)) })).toMatchObject({
      status: 400,
    });
    expect(await refusal({ model, input: "x", dimensions: 100_000 })).toMatchObject({ status: 400 });
    expect(await refusal({ model: "no-such-model", input: "x" })).toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    expect(await refusal("{")).toMatchObject({ status: 400 });
    expect(await refusal({ model, input: "x" }, "sk-wrong")).toMatchObject({ status: 401, code: "invalid_api_key" });
    expect(await refusal({ model, input: "x" }, null)).toMatchObject({ status: 401 });
  });
});

// A judged set: which passage answers which question. The stand-in goes by words, so the questions share some with their answers.
const passages = {
  leave:
    "Every parent receives twenty-two weeks of parental leave at full pay, to be taken within two years of the birth.",
  travel: "Travel is booked through the office. Trains are preferred to flights for journeys below six hours.",
  refund: "A customer may return the device within forty-five days of delivery for a full refund.",
  gauge: "The rain gauge must be calibrated every eighteen months by a trained technician.",
  battery: "Batteries are replaced when their voltage falls below eleven volts under load.",
  parking: "Visitor parking is behind the sail loft; the gate opens at seven in the morning.",
  security: "Passwords have at least fourteen characters and are kept in the password manager.",
  urlaub: "Alle Angestellten erhalten dreißig Urlaubstage im Jahr; nicht genommene Tage verfallen im März.",
  facture: "Les factures sont payées dans les trente jours suivant leur réception par la comptabilité.",
  会議: "会議室の予約は総務部の予約システムで行ってください。当日の取消しは電話で連絡します。",
  휴가: "직원은 매년 스무 날의 유급 휴가를 받으며, 사용하지 않은 휴가는 삼월에 소멸됩니다.",
  outage: "During an outage the incident lead posts an update to the status page every thirty minutes.",
  expense: "Expenses are reimbursed with the next salary when the receipts arrive before the twentieth.",
};

const questions: [string, keyof typeof passages][] = [
  ["How many weeks of parental leave does a parent receive?", "leave"],
  ["Should I take the train or a flight for a journey of five hours?", "travel"],
  ["Can customers return a device and get a refund?", "refund"],
  ["How often is calibration of rain gauges needed?", "gauge"],
  ["At which voltage do I replace the battery?", "battery"],
  ["Where do visitors park?", "parking"],
  ["How long must a password be?", "security"],
  ["Wie viele Urlaubstage gibt es?", "urlaub"],
  ["Quand les factures sont-elles payées ?", "facture"],
  ["会議室を予約するには？", "会議"],
  ["직원의 유급 휴가는 며칠인가요?", "휴가"],
  ["Ist DREISSIG Tage Urlaub richtig?", "urlaub"],
  ["À qui faut-il envoyer une facture à payer ?", "facture"],
  ["Who updates the status page in an outage?", "outage"],
  ["When are my expenses reimbursed?", "expense"],
];

test("a question's answer is the nearest of thirteen passages", async () => {
  const names = Object.keys(passages);
  const [stored, asked] = await Promise.all([
    embed({ input: Object.values(passages), dimensions: 512 }),
    embed({ input: questions.map(([question]) => question), dimensions: 512 }),
  ]);
  const vectors = stored.data.map(({ embedding }) => embedding as number[]);
  const found = asked.data.map(({ embedding }) => {
    const near = vectors.map((vector) =>
      vector.reduce((sum, value, index) => sum + value * ((embedding as number[])[index] ?? 0), 0),
    );
    return names[near.indexOf(Math.max(...near))];
  });
  expect(found).toEqual(questions.map(([, answer]) => answer));
});
