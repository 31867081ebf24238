/** UTF-16 offsets into code. */
export interface Range {
  start: number;
  end: number;
}

export interface Line extends Range {
  /** How many blanks it begins with; -1 when it is blank. */
  indent: number;
  /** Its first characters, without those blanks. */
  head: string;
}

const longestHead = 200;

/** The lines of a range, each with its end. */
export function* splitLines(text: string, { start, end }: Range): Generator<Line> {
  for (let at = start; at < end; ) {
    const newline = text.indexOf("\n", at);
    const next = newline < 0 || newline >= end ? end : newline + 1;
    let from = at;
    while (from < next && (text[from] === " " || text[from] === "\t")) from += 1;
    const isBlank = from === next || text[from] === "\n";
    const head = text.slice(from, Math.min(next, from + longestHead)).trimEnd();
    yield { start: at, end: next, indent: isBlank ? -1 : from - at, head };
    at = next;
  }
}
