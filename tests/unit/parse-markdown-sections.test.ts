import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Nodes } from "mdast";
import { expect, test } from "vitest";
import { splitMarkdown } from "#lib/ingestion/parsers/split-markdown.ts";

const retrieval = join(import.meta.dirname, "../fixtures/retrieval");

/** What a text holds, read so many characters at a time. Where it stands is left out: a section does not know. Definitions show nothing. */
function read(text: string, characters: number): unknown[] {
  const nodes = [...splitMarkdown(text, characters)].flatMap((section) => section.nodes);
  return nodes.filter(({ type }) => type !== "definition").map(strip);
}

function strip({ position: _, ...node }: Nodes): unknown {
  // Empty lines at the end of code that nothing closes may be counted or not: they are not kept.
  if (node.type === "code") return { ...node, value: node.value.trimEnd() };
  return "children" in node ? { ...node, children: node.children.map(strip) } : node;
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
  expect(read(text, characters)).toEqual(read(text, Number.POSITIVE_INFINITY));
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

test("what a section refers to may be defined after it", () => {
  const text = `See [one][a], [b] and a note[^n].\n\nNot [this].\n\n${definitions.join("\n\n")}\n[b]: /b\n`;
  expect([...splitMarkdown(text, 1)].length).toBeGreaterThan(1);
  expect(read(text, 1)).toEqual(read(text, Number.POSITIVE_INFINITY));
  expect(JSON.stringify(read(text, 1))).toContain('"type":"footnoteReference"');
});
