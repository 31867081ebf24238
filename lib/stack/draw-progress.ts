import type { DocumentView } from "#lib/documents/schema.ts";

const barWidth = 24;
const nameWidth = 28;

/** Shows one bar per document: redrawn in place on a terminal, else a new line at each change of state and each quarter. */
export function createProgressDisplay(out: NodeJS.WriteStream): (documents: DocumentView[]) => void {
  const shown = new Map<string, string>();
  let drawn = 0;
  return (documents) => {
    if (out.isTTY) {
      if (drawn > 0) out.moveCursor(0, -drawn);
      out.cursorTo(0);
      out.clearScreenDown();
      out.write(documents.map((document) => `${drawLine(document)}\n`).join(""));
      drawn = documents.length;
      return;
    }
    for (const document of documents) {
      const { id, status, stage, progress } = document;
      const mark = `${status} ${stage} ${Math.floor(progress.percent / 25)}`;
      if (shown.get(id) === mark) continue;
      shown.set(id, mark);
      out.write(`${drawLine(document)}\n`);
    }
  };
}

function drawLine({ fileName, status, stage, progress }: DocumentView): string {
  const full = Math.round((progress.percent / 100) * barWidth);
  const bar = `${"█".repeat(full)}${"░".repeat(barWidth - full)}`;
  const name = fileName.length > nameWidth ? `${fileName.slice(0, nameWidth - 1)}…` : fileName.padEnd(nameWidth);
  const percent = `${Math.round(progress.percent)}%`.padStart(4);
  return `  ${name} ${bar} ${percent}  ${status === "processing" && stage ? stage : status}`;
}
