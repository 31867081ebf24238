import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { type Chunk, embeddingInput, type ParsedWindow } from "#lib/ingestion/schema.ts";

/** What must hold for the passages of any document: each promise that one of them breaks, in words. */
export function findChunkFaults({ text, pages }: ParsedWindow, chunks: Chunk[], chunkTokens: number): string[] {
  const faults: string[] = [];
  let covered = 0;
  let former: Chunk | undefined;
  const pageAt = (place: number) => pages.findLast(({ start }) => start <= place)?.number ?? null;
  for (const chunk of chunks) {
    const { ordinal, content, charFrom, charTo, pageFrom, pageTo } = chunk;
    const expect = (holds: boolean, fault: string) => {
      if (!holds) faults.push(`passage ${ordinal} ${fault}`);
    };
    expect(ordinal === (former?.ordinal ?? -1) + 1, "is out of order");
    expect(charFrom < charTo && content === text.slice(charFrom, charTo), "is not what its range says");
    expect(content.isWellFormed(), "cuts a surrogate pair");
    expect(content.trim() === content, "begins or ends with a blank");
    expect(chunk.tokenCount === countTokens(embeddingInput(chunk)), "has another number of tokens than it says");
    expect(chunk.tokenCount <= chunkTokens, `has ${chunk.tokenCount} tokens, ${chunkTokens} are allowed`);
    expect(
      charFrom >= (former?.charFrom ?? 0) && charTo > (former?.charTo ?? 0),
      "does not go on after the former one",
    );
    expect(text.slice(covered, charFrom).trim() === "", "begins after text that is in no passage");
    expect(pageFrom === pageAt(charFrom) && pageTo === pageAt(charTo - 1), "is not on the pages that it names");
    expect(text.slice(0, charFrom).includes(chunk.tableHead ?? ""), "has a table's head that does not stand before it");
    expect((pageFrom ?? 0) >= (former?.pageFrom ?? 0), "begins on a page before the former one's");
    covered = charTo;
    former = chunk;
  }
  if (text.slice(covered).trim() !== "") faults.push("text at the end is in no passage");
  return faults;
}
