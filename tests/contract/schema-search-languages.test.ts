import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addOwner, makeChunks, makeVector, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
let reader: string;
let other: string;

/** One document of each language: its language and its one passage. */
const passages: Record<string, string> = {
  de: "Die Häuser an der Küste wurden mit größeren Fenstern gebaut, die Bücher liegen im Keller.",
  fr: "Les chevaux mangeaient dans les prairies, et les journaux annonçaient des nouvelles nationales.",
  ru: "В библиотеках хранятся документы и старые книги.",
  ar: "توجد المدرسة قرب المكتبات في المدينة القديمة.",
  zh: "知识库把文件变成可以查找的段落，每一段都带有出处。用SQL写报告。",
  ja: "文書を取り込み、検索できる段落に分けます。データベースは東京にあります。ｼｮｳｶｲ文",
  ko: "데이터베이스를 백업하고 문서를 검색합니다.",
  th: "เอกสารถูกแบ่งเป็นย่อหน้าที่ค้นหาได้พร้อมแหล่งอ้างอิง",
  pl: "Umowa zostaje zawarta na czas nieokreślony.",
  en: "The committees were adopting resolutions about fisheries.",
};

beforeAll(async () => {
  schema = await openSchema();
  [reader, other] = [await addOwner(schema), await addOwner(schema)];
  for (const [language, content] of Object.entries(passages)) await publish(reader, language, [content]);
  await publish(reader, null, ["Nobody knows what these wordings are about."]);
  await publish(other, "de", ["Die Häuser des Nachbarn"]);
  // Nearer in meaning than anything else is, so that what is found beside them is found by its words.
  await publish(
    reader,
    "en",
    Array.from({ length: 50 }, (_, index) => `Filler ${index}`),
    makeVector(0),
  );
});
afterAll(() => schema.close());

async function publish(ownerId: string, language: string | null, contents: string[], vector = makeVector(1)) {
  const { documentId, jobId } = await register(schema, ownerId);
  await start(schema, documentId, jobId, "run");
  const progress = { chunksTotal: contents.length, ...(language ? { language } : {}) };
  await schema.query("select public.record_progress($1, 1, $2)", [jobId, progress]);
  const chunks = makeChunks(0, contents.length, () => vector);
  const rows = chunks.map((chunk, index) => ({ ...chunk, content: contents[index] }));
  await schema.query("select public.store_chunks($1, 1, $2, 0, 0)", [jobId, JSON.stringify(rows)]);
  await schema.query("select public.publish_job($1, 1)", [jobId]);
  return { documentId, jobId };
}

/** What is found by words alone. */
async function find(ownerId: string, words: string): Promise<string[]> {
  const rows = await schema.as(ownerId, () =>
    schema.query<{ content: string }>("select content from public.search_chunks($1, $2, 50)", [
      words,
      `[${makeVector(0).join(",")}]`,
    ]),
  );
  return rows.map((row) => row.content).filter((content) => !content.startsWith("Filler"));
}

test.each([
  ["de", "Haus"],
  ["de", "das Buch"],
  ["de", "GRÖSSERE Fenster"],
  ["fr", "cheval prairie"],
  ["fr", "annoncer une nouvelle"],
  ["ru", "библиотека"],
  ["ru", "документов"],
  ["ar", "مكتبة"],
  ["ar", "مدرسة"],
  ["zh", "知识库"],
  ["zh", "查找"],
  ["zh", "出处"],
  ["zh", "库"],
  ["zh", "SQL报告"],
  ["ja", "検索"],
  ["ja", "データベース"],
  ["ja", "東京"],
  ["ja", "ショウカイ"],
  ["ko", "데이터베이스"],
  ["ko", "문서 검색"],
  ["th", "เอกสาร"],
  ["th", "ค้นหา"],
  ["th", "แหล่งอ้างอิง"],
  ["pl", "umowa"],
  ["en", "committee adopted a resolution"],
] as const)("a passage in %s is found by %s", async (language, words) => {
  expect(await find(reader, words)).toEqual([passages[language]]);
});

test("a document of unknown language is read as English", async () => {
  expect(await find(reader, "wording")).toEqual(["Nobody knows what these wordings are about."]);
});

const findAll = (words: string) =>
  schema.as(reader, () => schema.query("select 1 from public.matching_chunks($1, 50, null) where has_all", [words]));

test.each([
  ["知识库", "数据库"],
  ["知识库 -来源", "知识库 -出处"],
  ['"查找的段落"', '"段落查找"'],
  ["เอกสาร -ลับ", "เอกสาร -ค้นหา"],
  ["Haus -Dach", "Haus -Keller"],
  ['"Häuser an der Küste"', '"Küste Häuser"'],
])("every word of %s is in one passage, of %s in none", async (right, wrong) => {
  expect(await findAll(right)).toHaveLength(1);
  expect(await findAll(wrong)).toEqual([]);
});

test("nobody finds another owner's passages, whichever way they ask", async () => {
  expect(await find(other, "Haus")).toEqual(["Die Häuser des Nachbarn"]);
  expect(await find(other, "知识库")).toEqual(["Die Häuser des Nachbarn"]);
  const direct = (ownerId: string, words: string) =>
    schema.as(ownerId, () => schema.query("select id from public.matching_chunks($1, 50, null)", [words]));
  expect(await direct(other, "知识库")).toEqual([]);
  expect(await direct(other, "Haus")).toHaveLength(1);
  expect(await direct(await addOwner(schema), "Haus")).toEqual([]);
});

describe("the text that is indexed", () => {
  const textOf = async (text: string) =>
    (await schema.query<{ text: string }>("select public.search_text($1) as text", [text]))[0]?.text;

  test("is what it was where words stand apart", async () => {
    for (const text of ["The river's edge, 3.5 m", "Größe ﬁn", "Документы", "हिन्दी पाठ"])
      expect(await textOf(text)).toBe(text);
  });

  test("is pairs where they do not", async () => {
    const words = async (text: string) => (await textOf(text))?.trim().split(/\s+/);
    expect(await words("知识库")).toEqual(["知", "知识", "识库", "库"]);
    expect(await words("用SQL写")).toEqual(["用", "用", "SQL", "写", "写"]);
    expect(await words("ที่นี่")).toEqual(["ที่", "ที่นี่", "นี่"]);
  });
});

test("each language has the rules that this server has for it, and a language without is taken as it is", async () => {
  const [row] = await schema.query<{ unused: string[]; known: string[] }>(
    `with codes as (select chr(a) || chr(b) as code from generate_series(97, 122) a, generate_series(97, 122) b)
     select array(select cfgname::text from pg_ts_config where cfgname not in (select public.text_config(code) from codes)) as unused,
            array(select public.text_config(code) from unnest(array['de', 'no', 'zh', 'pl', null]) as c (code)) as known`,
  );
  expect(row).toEqual({ unused: [], known: ["german", "norwegian", "simple", "simple", "english"] });
});

test("once passages are stored, the language of a job stays", async () => {
  const { documentId, jobId } = await register(schema, reader);
  await start(schema, documentId, jobId, "run");
  const tell = (language: string) => schema.query("select public.record_progress($1, 1, $2)", [jobId, { language }]);
  const read = async () =>
    (await schema.query("select language, text_config from public.ingestion_jobs where id = $1", [jobId]))[0];
  await tell("sv");
  await tell("da");
  await schema.query("select public.record_progress($1, 1, $2)", [jobId, { chunksTotal: 1 }]);
  expect(await read()).toEqual({ language: "da", text_config: "danish" });
  const [overview] = await schema.as(reader, () =>
    schema.query("select language from public.document_overviews where id = $1", [documentId]),
  );
  expect(overview).toEqual({ language: "da" });
  await schema.query("select public.store_chunks($1, 1, $2, 0, 0)", [
    jobId,
    JSON.stringify(makeChunks(0, 1, makeVector)),
  ]);
  await tell("sv");
  expect(await read()).toEqual({ language: "da", text_config: "danish" });
});

test("among 5,000 passages the words are looked up in the index", async () => {
  const owner = await addOwner(schema);
  const { jobId } = await publish(owner, "de", ["Die Schafe auf dem Deich", "Das Schaf"]);
  await schema.query(
    `insert into public.chunks (id, job_id, document_id, owner_id, ordinal, content, text_config, char_from, char_to, token_count, content_hash, embedding)
     select gen_random_uuid(), c.job_id, c.document_id, c.owner_id, 1 + n, 'Blatt Nummer ' || n, c.text_config, 0, 1, 1, '', c.embedding
     from public.chunks c, generate_series(1, 5000) n where c.job_id = $1 and c.ordinal = 0`,
    [jobId],
  );
  await schema.query("analyze public.chunks");
  const countScans = async () => {
    await schema.query("select pg_stat_force_next_flush()");
    const [row] = await schema.query<{ scans: number }>(
      "select idx_scan::integer as scans from pg_stat_user_indexes where indexrelname = 'chunks_fts'",
    );
    return row?.scans ?? 0;
  };
  const before = await countScans();
  expect(await find(owner, "Schafe")).toEqual(expect.arrayContaining(["Die Schafe auf dem Deich", "Das Schaf"]));
  expect(await countScans()).toBe(before + 1);
});
