import { createEmbedder, type Embedder } from "#lib/embeddings/create-embedder.ts";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import { describeChunk, toRecord } from "#lib/ingestion/store-chunks.ts";
import { addOwner, openSchema, register, type Schema, start } from "#tests/contract/open-schema.ts";
import { startEmbeddingsServer } from "#tests/embedded/embeddings.ts";
import { cutFixture } from "./cut-fixture.ts";
import { isAnswer, type Question, readQuestions } from "./read-questions.ts";

const depth = 10;
const recallDepth = 5;

type Asked = Question & { vector: string };
type Files = Map<string, string>;

/** Prints how often each way of searching finds the passage that answers a judged question, and how high. */
export async function benchRetrieval(): Promise<void> {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, EMBEDDING_MODEL: model } = process.env;
  const isReal = Boolean(apiKey || baseUrl);
  const standIn = isReal ? undefined : await startEmbeddingsServer();
  const schema = await openSchema();
  try {
    const embedder = createEmbedder({
      apiKey: apiKey || "none",
      baseUrl: standIn?.url ?? (baseUrl || "https://api.openai.com/v1"),
      model: model || "text-embedding-3-small",
      dimensions: 512,
    });
    console.log(
      `Embeddings: ${isReal ? `${embedder.model} of ${baseUrl || "OpenAI"}` : "the stand-in's, of words alone"}.`,
    );
    await compare(schema, embedder);
  } finally {
    await schema.close();
    await standIn?.stop();
  }
}

async function compare(schema: Schema, embedder: Embedder): Promise<void> {
  const questions = readQuestions();
  const ownerId = await addOwner(schema);
  const files: Files = new Map();
  for (const file of new Set(questions.map((question) => question.file))) {
    files.set(await ingest(schema, embedder, ownerId, file), file);
  }
  const { vectors } = await embedder.embedDocuments(questions.map(({ question }) => question));
  const asked = questions.map((question, index) => ({
    ...question,
    vector: encodeVector(vectors[index] ?? new Float32Array()),
  }));
  const find = (words: (question: Question) => string) =>
    schema.as(ownerId, async () => {
      const ranks: number[] = [];
      for (const question of asked) ranks.push(await findRank(schema, files, question, words(question)));
      return ranks;
    });

  const hybrid = await find(({ question }) => question);
  const vector = await find(() => "");
  await schema.query(noVectors);
  const text = await find(({ question }) => question);
  printTable(asked, { vector, text, hybrid });
  for (const [index, question] of asked.entries()) {
    const [before, after] = [Math.min(vector[index] ?? 0, text[index] ?? 0), hybrid[index] ?? 0];
    if (after > recallDepth || after > before + 2)
      console.log(`${name(vector[index])} ${name(text[index])} ${name(after)}  ${question.file}: ${question.question}`);
  }
}

/** The product's search then has its words alone. */
const noVectors = `
  create or replace function public.nearest_chunks_exact(p_embedding extensions.vector, p_limit integer, p_document_id uuid)
  returns table (id uuid, distance double precision) language sql stable set search_path = ''
  as $$ select null::uuid, null::double precision where false $$`;

/** Takes a file through parsing, cutting and embedding as the product does, and publishes it. Answers the document's id. */
async function ingest(schema: Schema, embedder: Embedder, ownerId: string, file: string): Promise<string> {
  const { title, language, chunks } = await cutFixture(file);
  const described = chunks.map(describeChunk);
  const { vectors } = await embedder.embedDocuments(described.map(({ input }) => input));
  const { documentId, jobId } = await register(schema, ownerId);
  await start(schema, documentId, jobId, documentId);
  const progress = { chunksTotal: chunks.length, title, language };
  await schema.query("select public.record_progress($1, 1, $2)", [jobId, progress]);
  // Passages of one score are ordered by their id: by the file's name they are the same ones in every run.
  const rows = described.map((row, index) => toRecord(row, file, encodeVector(vectors[index] ?? new Float32Array())));
  await schema.query("select public.store_chunks($1, 1, $2, 0, 0)", [jobId, JSON.stringify(rows)]);
  await schema.query("select public.publish_job($1, 1)", [jobId]);
  return documentId;
}

interface Found {
  document_id: string;
  content: string;
  heading_path: string[];
  page_from: number | null;
  page_to: number | null;
}

/** The place of the first right passage, from 1; infinity when it is not among the first ten. */
async function findRank(schema: Schema, files: Files, question: Asked, words: string): Promise<number> {
  const found = await schema.query<Found>("select * from public.search_chunks($1, $2, $3)", [
    words,
    question.vector,
    depth,
  ]);
  const index = found.findIndex((row) =>
    isAnswer(question, {
      file: files.get(row.document_id) ?? "",
      content: row.content,
      headingPath: row.heading_path,
      pageFrom: row.page_from,
      pageTo: row.page_to,
    }),
  );
  return index < 0 ? Number.POSITIVE_INFINITY : index + 1;
}

function printTable(questions: Question[], ways: Record<string, number[]>): void {
  console.log(
    `\n${"words".padEnd(8)}${"questions".padStart(9)}  ${"way".padEnd(8)}  recall@${recallDepth}  MRR@${depth}`,
  );
  for (const words of ["all", "same", "other"]) {
    for (const [way, ranks] of Object.entries(ways)) {
      const counted = ranks.filter((_, index) => words === "all" || questions[index]?.words === words);
      const recall = counted.filter((rank) => rank <= recallDepth).length / counted.length;
      const reciprocal = counted.reduce((sum, rank) => sum + 1 / rank, 0) / counted.length;
      const cells = [words.padEnd(8), String(counted.length).padStart(9), "  ", way.padEnd(8)];
      console.log(`${cells.join("")}${recall.toFixed(3).padStart(10)}${reciprocal.toFixed(3).padStart(8)}`);
    }
  }
  console.log(
    "\nvector, text and hybrid rank of what hybrid does not find among the first five, or places much lower than one of them:",
  );
}

function name(rank: number | undefined): string {
  return (rank !== undefined && Number.isFinite(rank) ? String(rank) : "-").padStart(3);
}
