import type { DocumentBuilder } from "#lib/ingestion/build-document.ts";

/** What a file is a row of: a record, or a key with all below it. Only those of one kind share a heading. */
export interface Unit {
  kind: string;
  /** Empty, when there is nothing to cite it by. */
  name: string;
  lines: string[];
}

/** Units up to this many characters stand together: a passage each would be many of little to find. */
const smallGroup = 800;
const tinyBlock = 300;
const linesPerBlock = 200;
/** Names of more than these are cut in a heading. */
const mostNames = 30;

/** Adds units under headings that name them, small ones together. Returns how many there were. */
export function addUnits(builder: Pick<DocumentBuilder, "add">, units: Iterable<Unit>): number {
  let count = 0;
  let group: Unit[] = [];
  let length = 0;
  for (const unit of units) {
    const size = unit.lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (group.length > 0 && (group[0]?.kind !== unit.kind || length + size > smallGroup)) {
      addGroup(builder, group, count > group.length);
      group = [];
      length = 0;
    }
    group.push(unit);
    length += size;
    count += 1;
  }
  addGroup(builder, group, count > group.length);
  return count;
}

function addGroup(builder: Pick<DocumentBuilder, "add">, group: Unit[], isFurther: boolean): void {
  const title = nameGroup(group) || (isFurther ? "Values" : "");
  if (title) builder.add({ kind: "heading", level: 1, title, text: "" });
  const isApart = group.some(({ kind, lines }) => kind !== "key" && lines.length > 1);
  const [first = "", ...others] = group.length === 1 ? cutUnit(group[0]) : packUnits(group, isApart ? "\n\n" : "\n");
  builder.add({ kind: "form", text: first });
  for (const text of others) builder.add({ kind: "form", text, isTight: !isApart });
}

function cutUnit(unit: Unit | undefined): string[] {
  const blocks: string[] = [];
  const lines = unit?.lines ?? [];
  for (let at = 0; at < lines.length; at += linesPerBlock) {
    blocks.push(lines.slice(at, at + linesPerBlock).join("\n"));
  }
  return blocks;
}

/** A block for each unit, tiny ones together: where passages are cut, units stay whole. */
function packUnits(group: Unit[], gap: string): string[] {
  const blocks: string[] = [];
  for (const { lines } of group) {
    const text = lines.join("\n");
    const last = blocks.at(-1);
    if (last !== undefined && last.length + text.length <= tinyBlock) blocks[blocks.length - 1] = last + gap + text;
    else blocks.push(text);
  }
  return blocks;
}

/** Keys have names of their own; what is numbered goes by the first and the last. */
function nameGroup(group: Unit[]): string {
  const names = group.map(({ name }) => name);
  const [first = ""] = names;
  if (group[0]?.kind === "key") return names.slice(0, mostNames).join(", ");
  return names.length === 1 ? first : `${first} to ${names.at(-1)}`;
}
