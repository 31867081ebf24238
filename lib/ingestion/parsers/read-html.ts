import type { DefaultTreeAdapterTypes } from "parse5";
import type { DraftBlock } from "#lib/ingestion/build-document.ts";
import { cutText } from "#lib/ingestion/clean-text.ts";
import { indent } from "#lib/ingestion/parsers/indent.ts";

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;
type Leave = () => void;

/** How deep in the header of a page its title may stand. */
const titleDepth = 3;
/** Rows that a cell may span, the columns in which it may, and what of its text is repeated in the rows below, in UTF-16 units. */
const mostSpanned = 100;
const longestSpanned = 100;

interface Table {
  rows: string[];
  /** Of the row that is read. */
  cells: string[];
  /** Columns that the last of them spans beside its own. */
  gap: number;
  columns: number;
  /** By column, what a cell of a row above holds in the rows that are left to it. */
  spans: ({ rowsLeft: number; text: string } | undefined)[];
}

export interface HtmlContent {
  title: string | null;
  blocks: DraftBlock[];
}

const unread = new Set(
  "script style template noscript iframe object embed svg canvas audio video select button datalist link meta".split(
    " ",
  ),
);
const blockLevel = new Set(
  "address article aside body center dd details dialog div dl dt fieldset figcaption figure footer form header hgroup html legend li main menu nav ol p section summary table tbody td tfoot th thead tr ul".split(
    " ",
  ),
);
const furniture = new Set(["nav", "header", "footer", "aside"]);
const furnitureRoles = new Set(["navigation", "banner", "contentinfo", "complementary", "search"]);

/** The readable blocks below a node. Walks without recursion: pages may nest deeper than the call stack. */
export function readHtml(root: Node, { furniture: keepFurniture }: { furniture: boolean }): HtmlContent {
  const blocks: DraftBlock[] = [];
  const layoutTables = findLayoutTables(root);
  let title: string | null = null;
  let inline: string[] = [];
  let table: Table | null = null;
  let preDepth = 0;
  let headingDepth = 0;
  let quoteDepth = 0;
  let mainDepth = 0;
  /** The next number of each open list, null for one with bullets. */
  const lists: (number | null)[] = [];

  function flush(kind?: DraftBlock["kind"], level?: number): void {
    // A heading in an item ends what stands before it, of which the mark alone says nothing.
    const text = lists.length > 0 ? inline.join("").replace(/\n\t*(?:-|\d+\.)\s*$/, "") : inline.join("");
    inline = [];
    if (text.trim() === "") return;
    const usual = kind ?? (lists.length > 0 ? "list" : quoteDepth > 0 ? "quote" : "paragraph");
    if (usual === "list") blocks.push({ kind: usual, text: tidyList(text), isIndented: true });
    else blocks.push({ kind: usual, text, ...(level ? { level } : {}) });
  }

  /** A tab for each list that it stands in: but for code, of the page's own blanks none is a tab. */
  function newLine(): string {
    return preDepth > 0 ? "\n" : `\n${indent(lists.length, "\t")}`;
  }

  function breakBlock(): void {
    // Within an item of a list, or a cell, a paragraph is only a new line.
    if (table || lists.length > 0) inline.push(newLine());
    else flush();
  }

  function enterTable(): Leave {
    flush();
    const outer = table;
    const own: Table = { rows: [], cells: [], gap: 0, columns: 0, spans: [] };
    table = own;
    return () => {
      table = outer;
      inline = [];
      if (own.columns > 1) blocks.push({ kind: "table", text: own.rows.join("\n") });
      else for (const text of own.rows) blocks.push({ kind: "paragraph", text });
    };
  }

  function leaveCell(element: Element): void {
    const text = inline.join("").replace(/\s+/g, " ").trim();
    inline = [];
    if (!table) return;
    fillSpans(table);
    const { cells, spans } = table;
    const rowsLeft = Math.min(Number(attribute(element, "rowspan")) || 1, mostSpanned) - 1;
    const columns = Math.min(Number(attribute(element, "colspan")) || 1, mostSpanned);
    const end = Math.min(cells.length + columns, mostSpanned);
    for (let column = cells.length; column < end && rowsLeft > 0; column += 1) {
      spans[column] = { rowsLeft, text: column === cells.length ? cutText(text, longestSpanned) : "" };
    }
    cells.push(text);
    table.gap = columns - 1;
  }

  function leaveRow(): void {
    if (!table) return;
    if (table.spans[table.cells.length + table.gap]) fillSpans(table);
    if (table.cells.some((cell) => cell !== "")) table.rows.push(table.cells.join(" | "));
    table.columns = Math.max(table.columns, table.cells.length);
    table.cells = [];
    table.gap = 0;
  }

  function enterInTable(element: Element): Leave | undefined {
    const name = element.tagName;
    const isBlock = blockLevel.has(name) || /^(h[1-6]|blockquote|pre|br|hr)$/.test(name);
    if (isBlock) inline.push(" ");
    if (name === "td" || name === "th") {
      inline = [];
      return () => leaveCell(element);
    }
    if (name === "tr") return leaveRow;
    if (name === "caption") {
      inline = [];
      return () => flush("paragraph");
    }
    return isBlock ? () => inline.push(" ") : undefined;
  }

  function enterList(ordered: boolean): Leave {
    if (lists.length === 0) flush();
    lists.push(ordered ? 1 : null);
    return () => {
      if (lists.length === 1) flush("list");
      lists.pop();
      if (lists.length > 0) inline.push(newLine());
    };
  }

  function enterItem(): void {
    const number = lists.at(-1);
    inline.push(newLine(), typeof number === "number" ? `${number}. ` : "- ");
    if (typeof number === "number") lists[lists.length - 1] = number + 1;
  }

  function enter(element: Element): Leave | undefined {
    const name = element.tagName;
    if (name === "br") inline.push(newLine());
    if (name === "img") inline.push(` ${attribute(element, "alt") ?? ""} `.replace(/\s+/g, " "));
    if (table) return enterInTable(element);
    if (name === "table" && !layoutTables.has(element)) return enterTable();
    if (/^h[1-6]$/.test(name)) {
      flush();
      headingDepth += 1;
      return () => {
        headingDepth -= 1;
        flush("heading", Number(name[1]));
      };
    }
    if (name === "pre") {
      flush();
      preDepth += 1;
      return () => {
        preDepth -= 1;
        flush("code");
      };
    }
    if (name === "blockquote") {
      breakBlock();
      quoteDepth += 1;
      return () => {
        breakBlock();
        quoteDepth -= 1;
      };
    }
    if (name === "ul" || name === "ol") return enterList(name === "ol");
    if (name === "li") {
      enterItem();
      return undefined;
    }
    if (name === "main" || name === "article") mainDepth += 1;
    if (name === "hr") flush();
    if (!blockLevel.has(name)) return undefined;
    breakBlock();
    return () => {
      breakBlock();
      if (name === "main" || name === "article") mainDepth -= 1;
    };
  }

  function isSkipped(element: Element): boolean {
    const name = element.tagName;
    // A heading that opens what is below it is a button as a whole.
    if (unread.has(name)) return name !== "button" || headingDepth === 0;
    const hidden = attribute(element, "hidden");
    if (hidden !== undefined && hidden !== "until-found") return true;
    if (/display\s*:\s*none/i.test(attribute(element, "style") ?? "")) return true;
    if (keepFurniture || mainDepth > 0) return name === "nav" && !keepFurniture;
    const role = attribute(element, "role") ?? "";
    return (furniture.has(name) || furnitureRoles.has(role)) && !(name === "header" && holdsTitle(element, titleDepth));
  }

  const stack: (Node | Leave)[] = [root];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (typeof next === "function") next();
    else if ("value" in next) inline.push(preDepth > 0 ? next.value : next.value.replace(/\s+/g, " "));
    else if ("tagName" in next && next.tagName === "title") title ??= textOf(next);
    else if ("childNodes" in next) {
      if ("tagName" in next && isSkipped(next)) continue;
      const leave = "tagName" in next ? enter(next) : undefined;
      if (leave) stack.push(leave);
      for (let index = next.childNodes.length - 1; index >= 0; index -= 1) {
        const child = next.childNodes[index];
        if (child) stack.push(child);
      }
    }
  }
  flush();
  return { title, blocks };
}

/** An item whose words stand in a paragraph of their own begins on the line of its mark all the same. */
function tidyList(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^(\t*) +/, "$1").trimEnd());
  const filled = lines.filter((line) => line !== "").join("\n");
  return filled.replace(/^(\t*(?:-|\d+\.))\n\t*/gm, "$1 ").replaceAll("\t", "  ");
}

/** Tables that hold tables or headings arrange a page; they are no tables to a reader. */
function findLayoutTables(root: Node): Set<Element> {
  const found = new Set<Element>();
  const open: Element[] = [];
  const stack: (Node | null)[] = [root];
  while (stack.length > 0) {
    const next = stack.pop();
    if (!next) open.pop();
    else if ("childNodes" in next) {
      const name = "tagName" in next ? next.tagName : "";
      const outer = open.at(-1);
      const isHeading = /^h[1-6]$/.test(name) && !isIn("th", next);
      if (outer && (name === "table" || isHeading)) found.add(outer);
      if ("tagName" in next && name === "table") {
        open.push(next);
        stack.push(null);
      }
      for (const child of next.childNodes) stack.push(child);
    }
  }
  return found;
}

/** Goes on to the next column that is free, past those that the last cell spans and those that cells of rows above reach down to. */
function fillSpans(table: Table): void {
  const { cells, spans } = table;
  for (; table.gap > 0; table.gap -= 1) cells.push("");
  for (let span = spans[cells.length]; span; span = spans[cells.length]) {
    span.rowsLeft -= 1;
    if (span.rowsLeft === 0) spans[cells.length] = undefined;
    cells.push(span.text);
  }
}

function isIn(name: string, node: Node): boolean {
  const parent = "parentNode" in node ? node.parentNode : null;
  return parent !== null && "tagName" in parent && parent.tagName === name;
}

function holdsTitle(element: Element, depth: number): boolean {
  return element.childNodes.some(
    (child) =>
      "tagName" in child && (/^(h1|hgroup)$/.test(child.tagName) || (depth > 1 && holdsTitle(child, depth - 1))),
  );
}

function textOf(element: Element): string {
  return element.childNodes.map((child) => ("value" in child ? child.value : "")).join("");
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value;
}
