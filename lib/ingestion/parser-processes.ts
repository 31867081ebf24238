import { createParserPool } from "#lib/ingestion/parser-pool.ts";

/** The processes that every caller shares: this is what bounds how many there are. */
export const parserProcesses = createParserPool();
/** Those that draw pages and recognise what is on them. */
export const ocrProcesses = createParserPool({ native: true });
