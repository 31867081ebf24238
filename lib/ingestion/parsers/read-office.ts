import type { OfficeContentNode } from "officeparser";
import type { DraftBlock } from "#lib/ingestion/build-document.ts";

/** The blocks of an Office document's tree, notes right after the block that refers to them. Walks without recursion. */
export function readOffice(content: OfficeContentNode[]): DraftBlock[] {
  const blocks: DraftBlock[] = [];
  const stack = content.toReversed();
  for (let node = stack.pop(); node; node = stack.pop()) {
    const last = blocks.at(-1);
    if (node.type === "list" && last?.kind === "list") last.text += `\n${readItem(node)}`;
    else if (node.type === "list") blocks.push({ kind: "list", text: readItem(node) });
    else if (node.type === "heading") {
      blocks.push({ kind: "heading", level: node.metadata?.level ?? 1, text: (node.text ?? "").replace(/\s+/g, " ") });
    } else if (node.type === "table") blocks.push({ kind: "table", text: readTable(node) });
    else if (node.type === "code") blocks.push({ kind: "code", text: node.text ?? "" });
    else if (node.text === undefined && node.children) {
      stack.push(...node.children.toReversed());
      continue;
    } else blocks.push({ kind: "paragraph", text: node.text ?? "" });
    for (const note of collect(node, ({ notes }) => notes ?? []))
      blocks.push({ kind: "paragraph", text: note.text ?? "" });
  }
  return blocks;
}

function readItem(node: OfficeContentNode & { type: "list" }): string {
  const { listType, itemIndex = 0 } = node.metadata ?? {};
  return `${listType === "ordered" ? `${itemIndex + 1}.` : "-"} ${node.text ?? ""}`;
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
  const text =
    cell.text ??
    collect(cell, (node) => (node.text !== undefined && !node.children?.length ? [node] : []))
      .map(({ text = "" }) => text)
      .join(" ");
  return text.replace(/\s+/g, " ").trim();
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
