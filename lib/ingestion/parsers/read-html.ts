import type { DefaultTreeAdapterTypes } from "parse5";
import type { DraftBlock } from "#lib/ingestion/build-document.ts";

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;
type Leave = () => void;

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
  let table: { rows: string[]; cells: string[]; columns: number } | null = null;
  let preDepth = 0;
  let quoteDepth = 0;
  let mainDepth = 0;
  /** The next number of each open list, null for one with bullets. */
  const lists: (number | null)[] = [];

  function flush(kind?: DraftBlock["kind"], level?: number): void {
    const text = inline.join("");
    inline = [];
    if (text.trim() === "") return;
    const usual = kind ?? (lists.length > 0 ? "list" : quoteDepth > 0 ? "quote" : "paragraph");
    blocks.push({ kind: usual, text: usual === "list" ? tidyList(text) : text, ...(level ? { level } : {}) });
  }

  function breakBlock(): void {
    // Within an item of a list, or a cell, a paragraph is only a new line.
    if (table || lists.length > 0) inline.push("\n");
    else flush();
  }

  function enterTable(): Leave {
    flush();
    const outer = table;
    const own = { rows: [], cells: [], columns: 0 };
    table = own;
    return () => {
      table = outer;
      inline = [];
      if (own.columns > 1) blocks.push({ kind: "table", text: own.rows.join("\n") });
      else for (const text of own.rows) blocks.push({ kind: "paragraph", text });
    };
  }

  function leaveCell(): void {
    table?.cells.push(inline.join("").replace(/\s+/g, " ").trim());
    inline = [];
  }

  function leaveRow(): void {
    if (!table) return;
    if (table.cells.some((cell) => cell !== "")) table.rows.push(table.cells.join(" | "));
    table.columns = Math.max(table.columns, table.cells.length);
    table.cells = [];
  }

  function enterInTable(name: string): Leave | undefined {
    inline.push(" ");
    if (name === "td" || name === "th") {
      inline = [];
      return leaveCell;
    }
    if (name === "tr") return leaveRow;
    if (name === "caption") {
      inline = [];
      return () => flush("paragraph");
    }
    return undefined;
  }

  function enterList(ordered: boolean): Leave {
    if (lists.length === 0) flush();
    lists.push(ordered ? 1 : null);
    return () => {
      if (lists.length === 1) flush("list");
      lists.pop();
    };
  }

  function enterItem(): void {
    const number = lists.at(-1);
    inline.push("\n", typeof number === "number" ? `${number}. ` : "- ");
    if (typeof number === "number") lists[lists.length - 1] = number + 1;
  }

  function enter(element: Element): Leave | undefined {
    const name = element.tagName;
    if (name === "br") inline.push("\n");
    if (name === "img") inline.push(" ", attribute(element, "alt") ?? "", " ");
    if (table) return enterInTable(name);
    if (name === "table" && !layoutTables.has(element)) return enterTable();
    if (/^h[1-6]$/.test(name)) {
      flush();
      return () => flush("heading", Number(name[1]));
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
    if (unread.has(name)) return true;
    const hidden = attribute(element, "hidden");
    if (hidden !== undefined && hidden !== "until-found") return true;
    if (/display\s*:\s*none/i.test(attribute(element, "style") ?? "")) return true;
    if (keepFurniture || mainDepth > 0) return name === "nav" && !keepFurniture;
    const role = attribute(element, "role") ?? "";
    return (furniture.has(name) || furnitureRoles.has(role)) && !(name === "header" && holdsTitle(element));
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
  return text.replace(/\s*\n\s*/g, "\n").replace(/^(-|\d+\.) ?\n/gm, "$1 ");
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
      if (outer && (name === "table" || /^h[1-6]$/.test(name))) found.add(outer);
      if ("tagName" in next && name === "table") {
        open.push(next);
        stack.push(null);
      }
      for (const child of next.childNodes) stack.push(child);
    }
  }
  return found;
}

function holdsTitle(element: Element): boolean {
  return element.childNodes.some((child) => "tagName" in child && /^(h1|hgroup)$/.test(child.tagName));
}

function textOf(element: Element): string {
  return element.childNodes.map((child) => ("value" in child ? child.value : "")).join("");
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value;
}
