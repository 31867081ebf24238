import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { OpenAIEmbedding } from "@llamaindex/openai";
import { PDFReader } from "@llamaindex/readers/pdf";
import { SupabaseVectorStore } from "@llamaindex/supabase";
import { Document, IngestionPipeline, SentenceSplitter, Settings } from "llamaindex";
import { getResolvedPDFJS } from "unpdf";
import { measureRun } from "./measure-run.mjs";

// Otherwise it is loaded with the first file, in the time that is measured.
await getResolvedPDFJS();

// The pipeline of LlamaIndex's documentation, its chunk size and overlap included.
await measureRun(async ({ folder, table, supabaseUrl, supabaseKey, openaiUrl, openaiKey, dimensions }) => {
  const embedding = new OpenAIEmbedding({
    model: "text-embedding-3-small",
    dimensions,
    apiKey: openaiKey,
    baseURL: openaiUrl,
  });
  // The store refuses to be made without it.
  Settings.embedModel = embedding;
  const documents = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.endsWith(".pdf")) documents.push(...(await new PDFReader().loadData(path)));
    else documents.push(new Document({ text: await readFile(path, "utf8"), id_: path }));
  }
  const pipeline = new IngestionPipeline({
    transformations: [new SentenceSplitter({ chunkSize: 1024, chunkOverlap: 20 }), embedding],
    vectorStore: new SupabaseVectorStore({ supabaseUrl, supabaseKey, table }),
  });
  const nodes = await pipeline.run({ documents });
  return nodes.length;
});
