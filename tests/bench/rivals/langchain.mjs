import { TextLoader } from "@langchain/classic/document_loaders/fs/text";
import { PDFLoader } from "@langchain/community/document_loaders/fs/pdf";
import { SupabaseVectorStore } from "@langchain/community/vectorstores/supabase";
import { OpenAIEmbeddings } from "@langchain/openai";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { createClient } from "@supabase/supabase-js";
// Otherwise it is loaded with the first file, in the time that is measured.
import "pdf-parse";

/** By the endings of files. */
export const loaders = {
  ".md": (path) => new TextLoader(path),
  ".pdf": (path) => new PDFLoader(path),
};

/** Cuts documents, and gives all passages to the store in one call; answers how many there were. */
export function createIngest({ table, supabaseUrl, supabaseKey, openaiUrl, openaiKey, dimensions }) {
  const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 1000, chunkOverlap: 200 });
  const embeddings = new OpenAIEmbeddings({
    model: "text-embedding-3-small",
    dimensions,
    apiKey: openaiKey,
    configuration: { baseURL: openaiUrl },
  });
  const store = { client: createClient(supabaseUrl, supabaseKey), tableName: table, queryName: `match_${table}` };
  return async (documents) => {
    const chunks = await splitter.splitDocuments(documents);
    await SupabaseVectorStore.fromDocuments(chunks, embeddings, store);
    return chunks.length;
  };
}
