import { DirectoryLoader } from "@langchain/classic/document_loaders/fs/directory";
import { TextLoader } from "@langchain/classic/document_loaders/fs/text";
import { PDFLoader } from "@langchain/community/document_loaders/fs/pdf";
import { SupabaseVectorStore } from "@langchain/community/vectorstores/supabase";
import { OpenAIEmbeddings } from "@langchain/openai";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { createClient } from "@supabase/supabase-js";
// Otherwise it is loaded with the first file, in the time that is measured.
import "pdf-parse";
import { measureRun } from "./measure-run.mjs";

// The script of LangChain's guides: everything is loaded, cut, and given to the store in one call.
await measureRun(async ({ folder, table, supabaseUrl, supabaseKey, openaiUrl, openaiKey, dimensions }) => {
  const loader = new DirectoryLoader(folder, {
    ".md": (path) => new TextLoader(path),
    ".pdf": (path) => new PDFLoader(path),
  });
  const documents = await loader.load();
  const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 1000, chunkOverlap: 200 });
  const chunks = await splitter.splitDocuments(documents);
  const embeddings = new OpenAIEmbeddings({
    model: "text-embedding-3-small",
    dimensions,
    apiKey: openaiKey,
    configuration: { baseURL: openaiUrl },
  });
  const client = createClient(supabaseUrl, supabaseKey);
  await SupabaseVectorStore.fromDocuments(chunks, embeddings, {
    client,
    tableName: table,
    queryName: `match_${table}`,
  });
  return chunks.length;
});
