import { setImmediate } from "node:timers/promises";
import type { Nodes, RootContent } from "mdast";
import { parseFragment } from "parse5";
import { createDocumentBuilder, type DraftBlock } from "#lib/ingestion/build-document.ts";
import { cleanText } from "#lib/ingestion/clean-text.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { indent } from "#lib/ingestion/parsers/indent.ts";
import { readHtml } from "#lib/ingestion/parsers/read-html.ts";
import { splitMarkdown } from "#lib/ingestion/parsers/split-markdown.ts";
import { splitParagraphs } from "#lib/ingestion/parsers/split-paragraphs.ts";

/**
 * Markdown (GitHub's kind, with front matter) as it reads when rendered: the marks are gone, the structure is kept. Long texts are handed
 * on section by section.
 */
export const parseMarkdown: Parser = async ({ bytes }, { maxCharacters, plainFrom, onWindow }) => {
  const { text, encoding, warnings } = await decodeText(bytes);
  const { matter, body } = splitFrontMatter(text);
  const builder = createDocumentBuilder({ maxCharacters });
  builder.add({ kind: "form", text: matter });
  let start = 0;
  for (const { end, blocks } of readSections(body, plainFrom)) {
    if (start > 0 && blocks.some(hasText)) {
      onWindow?.(builder.cut(), start);
      // So that it is on its way before the next one is read.
      await setImmediate();
    }
    for (const block of blocks) builder.add(block);
    start = end;
  }
  return builder.finish({ title: readTitle(matter), warnings, coverage: { encoding } });
};

/** From `plainFrom` on, which is where a section begins, what is left is one section of plain text. */
function* readSections(body: string, plainFrom = body.length): Generator<{ end: number; blocks: DraftBlock[] }> {
  let start = 0;
  if (plainFrom > 0) {
    for (const { end, nodes } of splitMarkdown(body)) {
      yield { end, blocks: nodes.flatMap(readBlock) };
      start = end;
      if (start >= plainFrom) break;
    }
  }
  if (start === body.length) return;
  const blocks = splitParagraphs(body.slice(start)).map((text) => ({ kind: "paragraph" as const, text }));
  yield { end: body.length, blocks };
}

function hasText({ text }: DraftBlock): boolean {
  return cleanText(text) !== "";
}

/** YAML between `---` and `---` or `...`, or TOML between `+++`, at the very beginning; a rule there is no front matter. */
function splitFrontMatter(text: string): { matter: string; body: string } {
  const [whole, , matter] =
    /^\ufeff?(---|\+\+\+)[ \t]*\r?\n([\s\S]{0,20000}?)\r?\n(?:\1|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(text) ?? [];
  const isFields = matter?.split(/\r?\n/).every((line) => /^(\s|#|-|\[|\]|$|["']?[\w .-]+["']?\s*[:=])/.test(line));
  if (!whole || !matter || !isFields) return { matter: "", body: text };
  return { matter, body: text.slice(whole.length) };
}

function readTitle(matter: string): string | undefined {
  return /^title\s*[:=]\s*(["']?)(.+?)\1\s*$/m.exec(matter)?.[2];
}

function readBlock(node: RootContent): DraftBlock[] {
  switch (node.type) {
    case "heading":
      return [{ kind: "heading", level: node.depth, text: flatten(node) }];
    case "code":
      return [{ kind: "code", text: node.value }];
    case "html":
      return readHtml(parseFragment(node.value), { furniture: true }).blocks;
    case "list":
      return [{ kind: "list", text: flatten(node).replace(/\n(?:[ \t]*\n)+/g, "\n"), isIndented: true }];
    case "table":
      return [{ kind: "table", text: flatten(node) }];
    case "blockquote":
      return [{ kind: "quote", text: flatten(node), isIndented: true }];
    default:
      return [{ kind: "paragraph", text: flatten(node) }];
  }
}

type Part = Nodes | string | typeof listBegin | typeof listEnd;

const listBegin = 1;
const listEnd = -1;

/** The words of a node and all below it, a line for each block, item and row, as deep as it stands in lists. Walks without recursion. */
function flatten(root: Nodes): string {
  const out: string[] = [];
  const stack: Part[] = [root];
  let lists = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next === "number") lists += next;
    else if (typeof next === "string") out.push(lists > 1 ? next.replaceAll("\n", `\n${indent(lists)}`) : next);
    // One by one: as many arguments as a list may have items are too many for a call.
    else for (const part of spread(next).reverse()) stack.push(part);
  }
  return out.join("");
}

/** A node as the words and nodes that it is made of. */
function spread(node: Nodes): Part[] {
  switch (node.type) {
    case "text":
      return [node.value.replace(/\s*\n\s*/g, " ")];
    case "break":
      return ["\n"];
    case "html":
      return [/^<br\s*\/?>/i.test(node.value) ? "\n" : ""];
    case "image":
    case "imageReference":
      return [node.alt ?? ""];
    case "code":
      return ["\n", node.value, "\n"];
    case "list":
      return [
        listBegin,
        ...node.children.flatMap((item, index) => [
          "\n",
          node.ordered ? `${(node.start ?? 1) + index}. ` : "- ",
          typeof item.checked === "boolean" ? `[${item.checked ? "x" : " "}] ` : "",
          item,
        ]),
        listEnd,
      ];
    case "tableRow":
      return [...node.children.flatMap((cell, index) => (index > 0 ? [" | ", cell] : [cell])), "\n"];
    case "paragraph":
    case "heading":
      return [...node.children, "\n"];
    default:
      if ("children" in node) return [...node.children];
      return "value" in node ? [node.value] : [];
  }
}
