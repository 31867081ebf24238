/** What it took to ingest some files. */
export interface Outcome {
  /** From the first upload to the last document that can be searched. */
  totalMs: number;
  documents: { chunks: number; requests: number }[];
}
