import type { OfficeContentNode } from "officeparser";
import type { DocumentBuilder } from "#lib/ingestion/build-document.ts";
import { indent } from "#lib/ingestion/parsers/indent.ts";

/**
 * Adds the blocks of an Office document's tree to a document: slides as pages, notes right after the block or the slide that
 * they belong to. Walks without recursion.
 */
export function readOffice(content: OfficeContentNode[], builder: Pick<DocumentBuilder, "add" | "startPage">): void {
  const stack = content.toReversed();
  let slide = 0;
  let items: string[] = [];
  let outermost = 0;
  const endList = () => {
    if (items.length > 0) builder.add({ kind: "list", text: items.join("\n"), isIndented: true });
    items = [];
  };
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.type === "list") {
      const depth = node.metadata?.indentation ?? 0;
      // A list may begin at any depth.
      if (items.length === 0) outermost = depth;
      items.push(`${indent(depth - outermost + 1)}${readItem(node)}`);
      if (!node.notes?.length) continue;
    }
    endList();
    if (node.type === "slide") {
      slide = node.metadata?.slideNumber ?? slide + 1;
      builder.startPage(slide);
      const notes = (node.notes ?? []).flatMap((note) => (note.children?.length ? note.children : [note]));
      // A page of notes prints the number of its slide.
      stack.push(...notes.filter((note) => readText(note).trim() !== String(slide)).toReversed());
      stack.push(...(node.children ?? []).toReversed());
      continue;
    }
    if (node.type === "heading") {
      builder.add({ kind: "heading", level: node.metadata?.level ?? 1, text: readText(node).replace(/\s+/g, " ") });
    } else if (node.type === "table") builder.add({ kind: "table", text: readTable(node) });
    else if (node.type === "code") builder.add({ kind: "code", text: readText(node) });
    else if (node.type !== "list" && isContainer(node)) {
      stack.push(...(node.children ?? []).toReversed());
      continue;
    } else if (node.type !== "list") builder.add({ kind: "paragraph", text: readText(node) });
    for (const note of collect(node, ({ notes }) => notes ?? [])) {
      builder.add({ kind: "paragraph", text: readText(note) });
    }
  }
  endList();
}

/** Whether a node is words or stands among words. */
function isRun({ type }: OfficeContentNode): boolean {
  return ["text", "break", "image"].includes(type);
}

/** Whether a node is only there for the blocks below it. */
function isContainer({ text, children = [] }: OfficeContentNode): boolean {
  return !text && !children.every(isRun);
}

/** The words of a block: its own, or those of the runs below it. */
function readText(node: OfficeContentNode): string {
  if (node.text) return node.text;
  return collect(node, (each) => (each.text && !each.children?.length ? [each] : []))
    .map(({ text = "" }) => text)
    .join("");
}

function readItem(node: OfficeContentNode & { type: "list" }): string {
  const { listType, itemIndex = 0 } = node.metadata ?? {};
  return `${listType === "ordered" ? `${itemIndex + 1}.` : "-"} ${readText(node)}`;
}

/** A line a row. A table within a cell is read as part of the cell's words. */
function readTable(table: OfficeContentNode): string {
  const rows = (table.children ?? []).filter(({ type }) => type === "row");
  return rows
    .map((row) => (row.children ?? []).map((cell) => readCell(cell)).join(" | "))
    .filter((row) => /[^\s|]/.test(row))
    .join("\n");
}

function readCell(cell: OfficeContentNode): string {
  // The library's own text of a cell has no blanks between its paragraphs, and lacks tables.
  const blocks = collect(cell, (node) => (!isRun(node) && (node.children ?? []).every(isRun) ? [node] : []));
  return blocks.map(readText).join(" ").replace(/\s+/g, " ").trim();
}

/** What is picked from a node and all below it, in their order. */
function collect(root: OfficeContentNode, pick: (node: OfficeContentNode) => OfficeContentNode[]): OfficeContentNode[] {
  const found: OfficeContentNode[] = [];
  const stack = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    found.push(...pick(node));
    stack.push(...(node.children ?? []).toReversed());
  }
  return found;
}
