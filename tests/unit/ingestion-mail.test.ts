import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { openAttachments } from "#lib/ingestion/open-attachments.ts";
import { readAttachments } from "#lib/ingestion/parsers/read-attachments.ts";
import type { MediaType } from "#lib/ingestion/schema.ts";
import { filePart, type MailPart, makeMail, textPart, wrapParts } from "./make-mail.ts";
import { fixtures, outline, parseBytes, parseFixture } from "./parse-fixture.ts";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const refuse = async (parsing: Promise<unknown>) =>
  await parsing.then(
    () => "read",
    (thrown: unknown) => asFailure(thrown).code,
  );
const open = async (mail: Uint8Array, mediaType: MediaType = "message/rfc822", from = 0, mostBytes = 1e9) =>
  await readAttachments(mail, { mediaType, from, mostBytes });
const names = async (mail: Uint8Array) => (await open(mail)).map(({ name }) => name);
const nest = (part: MailPart, kind: string): MailPart => {
  const [head = "", ...rest] = wrapParts([part], kind, `edge-${randomBytes(6).toString("hex")}`).split("\r\n\r\n");
  return { headers: [head], content: rest.join("\r\n\r\n") };
};

describe("a mail", () => {
  test("comes with its headers, its subject as the title, its text and what it quotes", async () => {
    const text = "Dear Bob,\nit is done.\n\nOn Monday Bob wrote:\n> Is it done?\n> > Who asks?\n>\n> I do.\n\nAda";
    const headers = [
      "From: =?utf-8?q?Ad=C3=A0?= <ada@example.com>",
      "To: Bob <bob@example.com>, carol@example.com",
      "Cc: Team: dan@example.com, Eve <eve@example.com>;",
      "Date: Tue, 24 Nov 2026 09:30:00 +0100",
      "Subject: =?iso-8859-1?q?Protokoll_f=FCr_M=E4rz?=",
    ];
    const parsed = await parseBytes("a.eml", makeMail([textPart(text)], { headers }));
    expect(parsed.title).toBe("Protokoll für März");
    expect(parsed.attachmentCount).toBe(0);
    expect(outline(parsed)).toEqual([
      "form: Subject: Protokoll für März\nFrom: Adà <ada@example.com>\nTo: Bob <bob@example.com>, carol@example.com\nCc: Team: dan@example.com, Eve <eve@example.com>\nDate: Tue, 24 Nov 2026 09:30:00 +0100",
      "paragraph: Dear Bob,\nit is done.",
      "paragraph: On Monday Bob wrote:",
      "quote: Is it done?\nWho asks?",
      "quote: I do.",
      "paragraph: Ada",
    ]);
  });

  test("in HTML alone is read as its page, with its quotes", async () => {
    const html = "<h1>Report</h1><p>All <b>well</b>.</p><blockquote>How is it?</blockquote>";
    const parsed = await parseBytes("html.eml", makeMail([textPart(html, "text/html")]));
    expect(outline(parsed).slice(1)).toEqual(["heading1: Report", "paragraph: All well.", "quote: How is it?"]);
  });

  test("in two versions is read once, with what only the HTML says", async () => {
    const same = await parseFixture("documents/base64.eml");
    expect(same.text.match(/Roses are red/g)).toHaveLength(1);
    const different = await parseFixture("documents/alternatives.eml");
    expect(different.text).toContain("the first email was sent by Ray Tomlinson");
    expect(different.text).toContain("the first networked email was sent by Ray Tomlinson");
    const stub = [textPart("Your program cannot show this."), textPart("<p>The news.</p>", "text/html")];
    const parsed = await parseBytes("stub.eml", makeMail(stub, { kind: "alternative" }));
    expect(outline(parsed).slice(1)).toEqual(["paragraph: Your program cannot show this.", "paragraph: The news."]);
    const linked = [
      textPart("See our plan <https://x.example/p?a=1> today."),
      textPart('<p>See <a href="https://x.example/p?a=1">our plan</a> today.</p>', "text/html"),
    ];
    expect(outline(await parseBytes("linked.eml", makeMail(linked, { kind: "alternative" })))).toHaveLength(2);
  });

  test("in UTF-16 is decoded first; one in Latin-1 by what its part says; a byte order mark or blank lines before it do no harm", async () => {
    const mail = makeMail([textPart("Grüße aus Köln.")]);
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(mail.toString(), "utf16le")]);
    for (const bytes of [wide, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), mail]), Buffer.from(`\r\n\n${mail}`)]) {
      const parsed = await parseBytes("wide.eml", bytes);
      expect(outline(parsed).at(-1)).toBe("paragraph: Grüße aus Köln.");
      expect(parsed.title).toBe("Minutes");
    }
    const latin = Buffer.from(mail.toString().replace("utf-8", "iso-8859-1"), "latin1");
    expect((await parseBytes("latin.eml", latin)).text).toContain("Grüße aus Köln.");
  });

  test("that is encrypted is refused", async () => {
    const parts = [textPart("Version: 1", "application/pgp-encrypted"), filePart("encrypted.asc", "-----BEGIN PGP")];
    expect(await refuse(parseBytes("pgp.eml", makeMail(parts, { kind: "encrypted" })))).toBe("file_encrypted");
  });

  test("names what it carries; a part without a name gets one, images in the text and signatures are none", async () => {
    const image = (id: string, disposition: string): MailPart => ({
      headers: [
        "Content-Type: image/png",
        `Content-ID: <${id}>`,
        `Content-Disposition: ${disposition}; filename=${id}.png`,
      ],
      content: png,
    });
    const html = textPart('<p>Look: <img src="cid:one"><img src="cid:two"></p>', "text/html");
    const [head = "", ...rest] = wrapParts([html, image("one", "inline")], "related").split("\r\n\r\n");
    const mail = makeMail([
      { headers: [head], content: rest.join("\r\n\r\n") },
      image("two", "inline"),
      image("photo", "attachment"),
      filePart("../../Plan für Q1.pdf", "%PDF-1.4"),
      { headers: ["Content-Type: message/rfc822"], content: makeMail([textPart("Inside.")]).toString() },
      filePart("signature.asc", "x", "application/pgp-signature"),
    ]);
    expect(await names(mail)).toEqual(["photo.png", "Plan für Q1.pdf", "attachment-3.eml"]);
    const parsed = await parseBytes("carrier.eml", mail);
    expect(parsed.attachmentCount).toBe(3);
    expect(parsed.text).toContain("Attachments: photo.png, Plan für Q1.pdf, attachment-3.eml");
    expect(parsed.text, "a mail in a mail is a file of its own").not.toContain("Inside.");
    expect(parsed.warnings).toEqual([]);
  });

  test("with more attachments than are read says so, and names all", async () => {
    const parts = Array.from({ length: 103 }, (_, index) => filePart(`n${index}.txt`, `Number ${index}`));
    const mail = makeMail([textPart("Many."), ...parts]);
    const parsed = await parseBytes("many.eml", mail);
    expect(parsed).toMatchObject({ attachmentCount: 100, warnings: [{ code: "attachment_skipped" }] });
    expect(parsed.warnings[0]?.message).toContain("first 100 of 103");
    expect(parsed.text).toContain("n102.txt");
    expect(await names(mail)).toHaveLength(100);
  });
});

describe("a mailbox", () => {
  const first = makeMail([textPart("Words of the first.\r\n\r\n>From here on it goes.\r\nFrom now on, too.")]);
  const second = makeMail([textPart("<h1>Top</h1><p>Second.</p>", "text/html"), filePart("b.txt", "In b.")]);
  const box = Buffer.from(
    `From ada@example.com Tue Nov 24 09:30:00 2026\r\n${first}\r\n\r\nFrom - Tue Nov 24 10:00:00 2026\r\n${second}\r\n`,
  );

  test("has a section for each mail, under its subject and day", async () => {
    const parsed = await parseBytes("inbox.mbox", box);
    expect(parsed.title).toBeNull();
    const lines = outline(parsed);
    expect(lines.filter((line) => line.startsWith("heading"))).toEqual([
      "heading1: Minutes, 24 Nov 2026",
      "heading1: Minutes, 24 Nov 2026",
      "heading2: Top",
    ]);
    expect(lines).toContain("paragraph: From here on it goes.\nFrom now on, too.");
    expect(parsed.attachmentCount).toBe(1);
    expect((await open(box, "application/mbox")).map(({ name }) => name)).toEqual(["b.txt"]);
  });

  test("is read on past a mail that cannot be, and says so", async () => {
    const bottomless = deepMail(300);
    const parsed = await parseBytes(
      "part.mbox",
      Buffer.from(`${box}\r\nFrom x Tue Nov 24 11:00:00 2026\r\n${bottomless}`),
    );
    expect(outline(parsed).filter((line) => line.startsWith("heading1"))).toHaveLength(2);
    expect(parsed.warnings).toMatchObject([{ code: "file_recovered" }]);
    expect(parsed.warnings[0]?.message).toMatch(/^1 of 3 /);
    expect(await refuse(parseBytes("none.mbox", Buffer.from(`From x 11:00:00\r\n${bottomless}`)))).toBe(
      "file_too_complex",
    );
  });
});

describe("the attachments of a mail", () => {
  test("come out as they went in, a page at a time, in a process of its own", async () => {
    const path = join(fixtures, "documents/attachment.eml");
    const [only, ...more] = await openAttachments({ path, mediaType: "message/rfc822", from: 0 });
    expect(more).toEqual([]);
    expect(only?.name).toBe("fake-attachment.txt");
    expect(Buffer.from(only?.bytes ?? []).toString()).toBe("Hey this is a fake attachment!");
    expect(await openAttachments({ path, mediaType: "message/rfc822", from: 1 })).toEqual([]);
    const files = [randomBytes(500), randomBytes(5000), randomBytes(500)];
    const mail = makeMail([textPart("Three."), ...files.map((bytes, index) => filePart(`${index}.bin`, bytes))]);
    const pages = [
      await open(mail, "message/rfc822", 0, 1000),
      await open(mail, "message/rfc822", 1, 1000),
      await open(mail, "message/rfc822", 2, 1000),
    ];
    expect(pages.map((page) => page.map(({ name }) => name))).toEqual([["0.bin"], ["1.bin"], ["2.bin"]]);
    for (const [index, bytes] of files.entries())
      expect(Buffer.from(pages[index]?.[0]?.bytes ?? []).equals(bytes)).toBe(true);
  });
});

describe("a broken or hostile mail ends in a document or a failure", () => {
  test("nested deeper than anybody sends", async () => {
    expect(await refuse(parseBytes("deep.eml", deepMail(300)))).toBe("file_too_complex");
    expect((await parseBytes("deep-enough.eml", deepMail(40))).text).toContain("At the bottom.");
  });

  test("with a mail in a mail in a mail, of which only the outermost is opened", async () => {
    let mail = makeMail([textPart("Innermost.")]);
    for (let depth = 0; depth < 10; depth += 1)
      mail = makeMail([textPart(`Level ${depth}.`), { headers: ["Content-Type: message/rfc822"], content: mail }]);
    expect((await parseBytes("chain.eml", mail)).text).toContain("Level 9.");
    expect(await names(mail)).toEqual(["attachment-1.eml"]);
  }, 60_000);

  test("cut short, with a boundary that is never closed or never there, with damaged base64, with headers alone", async () => {
    const whole = readFileSync(join(fixtures, "documents/attachment.eml"));
    for (let length = 250; length < whole.length; length += 97) {
      expect((await parseBytes("cut.eml", whole.subarray(0, length))).title).toBe("Fake email with attachment");
    }
    const open = Buffer.from(whole.toString().replaceAll("adb7--", ""));
    expect((await parseBytes("open.eml", open)).text).toContain("Lots of whitespace");
    const lost = Buffer.from(whole.toString().replaceAll(/^--.*$/gm, ""));
    expect((await parseBytes("lost.eml", lost)).title).toBe("Fake email with attachment");
    const damaged = Buffer.from(
      readFileSync(join(fixtures, "documents/base64.eml"), "latin1").replace("VGhpcyBpcy", "VG=?~pcyBpcy\0"),
      "latin1",
    );
    expect((await parseBytes("damaged.eml", damaged)).text).toContain("Test Email");
    expect(outline(await parseBytes("bare.eml", "Subject: Only this\r\n\r\n"))).toEqual(["form: Subject: Only this"]);
  }, 60_000);

  test("with headers without end", async () => {
    const headers = `Subject: x\r\nFrom: a@b.c\r\n${"X-More: yes and yes again\r\n".repeat(120_000)}\r\nText.`;
    expect(await refuse(parseBytes("headers.eml", headers))).toBe("file_too_complex");
  });

  test("with fifty thousand parts", async () => {
    const parts = "--edge\r\nContent-Disposition: attachment\r\n\r\nx\r\n".repeat(50_000);
    const mail = `Subject: x\r\nFrom: a@b.c\r\nContent-Type: multipart/mixed; boundary=edge\r\n\r\n${parts}--edge--`;
    const parsed = await parseBytes("parts.eml", mail);
    expect(parsed.attachmentCount).toBe(100);
    expect(parsed.text.length).toBeLessThan(30_000);
  }, 60_000);
});

function deepMail(depth: number): Buffer {
  let part = textPart("At the bottom.");
  for (let level = 0; level < depth; level += 1) part = nest(part, "mixed");
  return makeMail([part]);
}
