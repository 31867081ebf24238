import { expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { makeEpub } from "./make-office.ts";
import { outline, parseBytes, parseFixture } from "./parse-fixture.ts";

const refuse = async (parsing: Promise<unknown>) =>
  await parsing.then(
    () => "read",
    (thrown: unknown) => asFailure(thrown).code,
  );

const lock = (...parts: string[]) => ({
  name: "META-INF/encryption.xml",
  data: `<encryption>${parts
    .map(
      (part) =>
        `<enc:EncryptedData><enc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><enc:CipherReference URI="${part}"/></enc:EncryptedData>`,
    )
    .join("")}</encryption>`,
});

test("a book comes in the order of its chapters, under their headings", async () => {
  const parsed = await parseFixture("documents/chapters.epub");
  expect(parsed.title).toBe("An ePub for Tika");
  const lines = outline(parsed);
  expect(lines.indexOf("heading1: Chapter 1")).toBeGreaterThan(0);
  expect(lines.indexOf("heading1: Chapter 2")).toBeGreaterThan(lines.indexOf("heading1: Chapter 1"));
  expect(lines).toContain("paragraph: This is the text for chapter One");
  expect(lines).toContain("list: - First item\n- Second item");
});

test("a chapter that prints no heading goes by the name that the table of contents has for it", async () => {
  const book = makeEpub({
    "z.xhtml": { body: "<p>It was a dark night.</p>", title: "The night" },
    "a%20b.xhtml": { body: "<h2>The Day</h2><p>It was bright.</p>", title: "The day" },
    "more.xhtml": { body: "<p>It stayed so.</p>" },
    "c.xhtml": { body: "<h3>Noon</h3><p>It was hot.</p>", title: "The summer" },
  });
  const parsed = await parseBytes("names.epub", book);
  expect(parsed.title).toBe("A book");
  expect(outline(parsed)).toEqual([
    "heading1: The night",
    "paragraph: It was a dark night.",
    "heading1: The Day",
    "paragraph: It was bright.",
    "paragraph: It stayed so.",
    "heading1: The summer",
    "heading3: Noon",
    "paragraph: It was hot.",
  ]);
});

test("tags that are closed in themselves swallow nothing", async () => {
  const book = makeEpub({
    "a.xhtml": { body: `<script src="x"/><a id="top"/><p>Whole<br/>text.</p><div class="x" /><p>More.</p>` },
  });
  expect(outline(await parseBytes("empty.epub", book))).toEqual(["paragraph: Whole\ntext.", "paragraph: More."]);
});

test("a book that is locked is refused, one of which a part is locked or missing says so", async () => {
  const chapters = { "a.xhtml": { body: "<p>One</p>" }, "b.xhtml": { body: "<p>Two</p>" } };
  expect(await refuse(parseBytes("locked.epub", makeEpub(chapters, [lock("OPS/a.xhtml", "OPS/b.xhtml")])))).toBe(
    "file_encrypted",
  );
  const half = await parseBytes("half.epub", makeEpub(chapters, [lock("OPS/b.xhtml")]));
  expect(half.text).toBe("One");
  expect(half.warnings).toMatchObject([{ code: "file_recovered" }]);
});

test("what only looks like a book is refused", async () => {
  const whole = makeEpub({ "a.xhtml": { body: "<p>One</p>" } });
  expect(await refuse(parseBytes("cut.epub", whole.subarray(0, whole.length - 60)))).toBe("file_corrupt");
  expect(await refuse(parseBytes("none.epub", makeEpub({})))).toBe("file_corrupt");
  expect(await refuse(parseBytes("blank.epub", makeEpub({ "a.xhtml": { body: "" } })))).toBe("text_missing");
});
