import { DirectoryLoader } from "@langchain/classic/document_loaders/fs/directory";
import { createIngest, loaders } from "./langchain.mjs";
import { measureRun } from "./measure-run.mjs";

// The script of LangChain's guides: everything is loaded, cut, and given to the store in one call.
await measureRun(async (order) => {
  const documents = await new DirectoryLoader(order.folder, loaders).load();
  return await createIngest(order)(documents);
});
