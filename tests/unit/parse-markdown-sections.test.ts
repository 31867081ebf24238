import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { expect, test } from "vitest";
import { splitMarkdown } from "#lib/ingestion/parsers/split-markdown.ts";

const retrieval = join(import.meta.dirname, "../fixtures/retrieval");

/** What a text holds, read so many characters at a time. */
function read(text: string, characters: number): Shown[] {
  return show([...splitMarkdown(text, characters)].flatMap((section) => section.nodes));
}

/** The same, by all of GitHub's kind and in one piece. */
function readWhole(text: string): Shown[] {
  return show(fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children);
}

interface Shown {
  type: string;
  value?: string;
  children?: Shown[];
}

/** Where it stands is left out: a section does not know. Definitions show nothing. */
function show(nodes: Nodes[]): Shown[] {
  return nodes.filter(({ type }) => type !== "definition").map(strip);
}

function strip({ position: _, ...node }: Nodes): Shown {
  // Empty lines at the end of code that nothing closes may be counted or not: they are not kept.
  if (node.type === "code") return { ...node, value: node.value.trimEnd() };
  return "children" in node ? { ...node, children: joinTexts(node.children.map(strip)) } : node;
}

/** A link that is nothing but its address may be one or not: what it shows is the same. */
function joinTexts(nodes: Shown[]): Shown[] {
  const joined: Shown[] = [];
  for (const node of nodes.flatMap((one) => (isLiteral(one) ? (one.children ?? []) : [one]))) {
    const last = joined.at(-1);
    if (node.type === "text" && last?.type === "text") last.value = `${last.value}${node.value}`;
    else joined.push({ ...node });
  }
  return joined;
}

function isLiteral({ type, children = [] }: Shown): boolean {
  const [text] = children;
  return (
    type === "link" && children.length === 1 && text?.type === "text" && /^(https?:|www\.|\S+@)/i.test(text.value ?? "")
  );
}

test.each([
  ["commonmark-spec.md", 100],
  ["commonmark-spec.md", 10_000],
  ["self-hosting.md", 1000],
  ["semver.md", 1],
  ["glossary.md", 1],
])("the sections of %s, of %i characters and more, hold what the whole does", (name, characters) => {
  const text = readFileSync(join(retrieval, name), "utf8");
  expect([...splitMarkdown(text, characters)].length).toBeGreaterThan(10);
  expect(read(text, characters)).toEqual(readWhole(text));
});

/** What goes on over empty lines, what is defined elsewhere, and what only looks like a heading or a paragraph. */
const parts = [
  "# A heading",
  "### Another with [a] and `code`",
  "A paragraph of [one][a], [a], [a b][] and [nobody].",
  "An ![image][a], a note[^n], and one that is [^missing].",
  "Two\nlines of it",
  "Underlined\n====",
  "```js\n# no heading\n\nno paragraph\n```",
  "````\n```\n\nno paragraph\n````",
  "~~~\n\nno paragraph ```\n\n~~~",
  "  ```\n\n  no paragraph\n\n  ```  ",
  "```",
  "~~~",
  "    indented\n\n    code",
  "- an item\n\n  its second paragraph\n- another",
  "- an item\n\n  ```\n\n  code of it",
  "1. one\n\n2. two",
  "> a quote\n>\n> ```\n> code",
  "| a | b |\n|---|---|\n| [a] | d |",
  "<div>\n\nA paragraph in it\n\n</div>",
  "<pre>\n\nno paragraph\n\n</pre>",
  "<script>\n\nno paragraph",
  "</script>",
  "<!-- a comment\n\nno paragraph\n\n-->",
  "<!-- open",
  "<?php\n\nno paragraph\n\n?>",
  "<![CDATA[\n\nno paragraph\n\n]]>",
  "***",
  "Letters with accents: Übung [a]",
];
const definitions = [
  "[a]: https://example.com/a",
  "[A  b]: <x> 'title'",
  "> [a]: /in-a-quote",
  "[^n]: A note.\n\n    On it.",
];
const ends = ["\n\n", "\n\n\n", "\r\n\r\n", "\n \t\n"];

test("whatever a text is made of, its sections hold what the whole does", () => {
  const part = fc.tuple(fc.constantFrom(...parts), fc.constantFrom(...ends)).map((pair) => pair.join(""));
  const texts = fc
    .tuple(fc.subarray(definitions), fc.array(part, { maxLength: 14 }))
    .map(([defined, made]) => `${defined.join("\n\n")}\n\n${made.join("")}`);
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 80 }), (text, characters) => {
      expect(read(text, characters)).toEqual(read(text, Number.POSITIVE_INFINITY));
    }),
    { numRuns: 1000, interruptAfterTimeLimit: 15_000 },
  );
});

const addresses = [
  ..."https://example.com/plain HTTP://e.org/a_b_c https://e.org/*a*/b www.e.org/~me~/x someone@example.com a_b_@e.org".split(
    " ",
  ),
  ..."https://e.org/?a=1&amp;b=2 https://e.org/[a](b) https://e.org/a\\*b `https://e.org` <https://e.org/_a_> (www.e.org)".split(
    " ",
  ),
  ..."[text](https://e.org/a_b_c) [a](https://e.org/*x) ![i](www.e.org/_i_) https://e.org/`x` mailto:a_b_@e.org xhttp://e.org/*a*".split(
    " ",
  ),
];
const around = ["*", "**", "_", "~", "~~", "`", "[", "]", "|", "a", " ", " ", " and ", "\n", "\\"];

test("links that are plain text read as they stand, whatever is in them and around them", () => {
  const piece = fc.oneof(fc.constantFrom(...addresses), fc.constantFrom(...around));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `a ${pieces.join("")}`;
      expect(read(text, Number.POSITIVE_INFINITY)).toEqual(readWhole(text));
    }),
    { numRuns: 2000, interruptAfterTimeLimit: 15_000 },
  );
});

test.each(["| a | b |\n|---|---|\n| c | d |", "a\n:-\nb", "a\n-:\nb", "a | b\n--|--\nc | d", "> a\n> :-:\n> b"])(
  "%j is a table",
  (text) => {
    expect(read(text, 1)).toEqual(readWhole(text));
    expect(JSON.stringify(read(text, 1))).toContain('"type":"table"');
  },
);

test("what a section refers to may be defined after it", () => {
  const text = `See [one][a], [b] and a note[^n].\n\nNot [this].\n\n${definitions.join("\n\n")}\n[b]: /b\n`;
  expect([...splitMarkdown(text, 1)].length).toBeGreaterThan(1);
  expect(read(text, 1)).toEqual(read(text, Number.POSITIVE_INFINITY));
  expect(JSON.stringify(read(text, 1))).toContain('"type":"footnoteReference"');
});
