import type { RootContent } from "mdast";
import { fromMarkdown, type Options } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

interface Section {
  /** Where it ends, in UTF-16 units of the text. */
  end: number;
  nodes: RootContent[];
}

const defaultCharacters = 64 * 1024;

const github = { marks: gfm(), nodes: gfmFromMarkdown() };
/** The signs in running text that GitHub's other marks begin with; links that are plain text may begin with any letter. */
const signs = ["[", "~"].map((sign) => sign.charCodeAt(0));

/**
 * Markdown as trees, some ten thousand characters at a time: together they hold what the tree of the whole does. Each section takes at least
 * `characters`, but for the last, and ends where a heading or a paragraph begins.
 */
export function* splitMarkdown(text: string, characters = defaultCharacters): Generator<Section> {
  let labels: Set<string> | undefined;
  for (let start = 0, end = 0; start < text.length; start = end) {
    let nodes: RootContent[];
    let isOpen: boolean;
    let size = characters;
    do {
      end = findBreak(text, start + size);
      labels ??= end < text.length ? findLabels(text) : new Set();
      ({ nodes, isOpen } = parseSection(text.slice(start, end), labels));
      size = (end - start) * 2;
      // In the midst of code a line looks like a paragraph.
    } while (isOpen && end < text.length);
    yield { end, nodes };
  }
}

/** The next line at or after `from` that follows an empty one and begins with a heading or a letter: it ends every list, quote and table before it. */
function findBreak(text: string, from: number): number {
  const pattern = /\n[ \t]*\r?\n(?=#{1,6}[ \t]|\p{L})/gu;
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found ? found.index + found[0].length : text.length;
}

/** What a section refers to may be defined in any other one: after an empty line, a heading or another definition. */
function findLabels(text: string): Set<string> {
  const labels = new Set<string>();
  let end = 0;
  for (const { index, 0: found, 1: label } of text.matchAll(/^[ \t>]*\[((?:[^[\]\\]|\\.){1,999})\]:\s*\S.*$/gm)) {
    const former = text.slice(text.lastIndexOf("\n", index - 2) + 1, index);
    if (index !== end && !/^([ \t>]*\r?\n|#.*\n)?$/.test(former)) continue;
    labels.add(normalise(label));
    end = index + found.length + 1;
  }
  return labels;
}

/** `isOpen` tells whether what follows still belongs to the last node, whatever it looks like. */
function parseSection(section: string, labels: ReadonlySet<string>): { nodes: RootContent[]; isOpen: boolean } {
  const used = [...section.matchAll(/\[((?:[^[\]\\]|\\.){1,999})\]/g)].map(([, label]) => normalise(label));
  const defined = [...new Set(used)].filter((label) => labels.has(label)).map((label) => `[${label}]: #\n\n`);
  // The rule ends a note that is defined.
  const head = defined.length > 0 ? `${defined.join("")}***\n\n` : "";
  const source = head + section;
  const root = fromMarkdown(source, extensionsFor(section));
  const nodes = root.children.filter((node) => offsets(node).start >= head.length);
  const last = nodes.at(-1);
  return {
    nodes,
    isOpen: last !== undefined && isUnclosed(last, source.slice(offsets(last).start, offsets(last).end)),
  };
}

/**
 * GitHub's kind of Markdown, as much of it as makes a difference: to look for links that are plain text, and for tables, at each letter
 * and line takes three quarters of the time.
 */
function extensionsFor(section: string): Options {
  const { text, flow, ...rest } = github.marks;
  const hasTables = /\||:-|-:/.test(section);
  const hasLinks = hasMarkedLink(section);
  return {
    extensions: [
      {
        ...rest,
        ...(hasTables && flow ? { flow } : {}),
        text: hasLinks ? { ...text } : Object.fromEntries(signs.map((sign) => [sign, text?.[sign]])),
      },
    ],
    mdastExtensions: hasLinks ? github.nodes : github.nodes.filter(({ transforms }) => !transforms),
  };
}

/** Whether there is a link that is plain text with something in it that would be taken for a mark; any other reads as it stands. */
function hasMarkedLink(section: string): boolean {
  const others = section.replace(/(?<!\S)!?\[[^[\]]*\]\([^\s()]*\)/g, "");
  for (const [word] of others.matchAll(/\S+/g)) {
    if (/https?:\/\/|www\.|@/i.test(word) && /[*_~`\\&[\]]/.test(word)) return true;
  }
  return false;
}

function isUnclosed(node: RootContent, source: string): boolean {
  if (node.type === "html") return htmlEnds.some(([begins, ends]) => begins.test(source) && !ends.test(source));
  const [fence] = (node.type === "code" && /^(`{3,}|~{3,})/.exec(source)) || [];
  if (!fence) return false;
  const [last = ""] = /\n[^\n]*$/.exec(source) ?? [];
  return !new RegExp(`^\n {0,3}${fence}${fence[0]}*[ \\t]*\\r?$`).test(last);
}

/** https://spec.commonmark.org/0.31.2/#html-blocks, the first five kinds. */
const htmlEnds: [begins: RegExp, ends: RegExp][] = [
  [/^<(script|pre|style|textarea)(\s|>|$)/i, /<\/(script|pre|style|textarea)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [/^<![a-z]/i, />/],
];

function offsets({ position }: RootContent): { start: number; end: number } {
  return { start: position?.start.offset ?? 0, end: position?.end.offset ?? 0 };
}

function normalise(label = ""): string {
  return label.replace(/\s+/g, " ").trim().toLowerCase().toUpperCase();
}
