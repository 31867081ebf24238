import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { cleanText, cutText } from "#lib/ingestion/clean-text.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";

describe("cleaned text", () => {
  const cases: [string, string, string][] = [
    ["is composed", "cafe\u0301", "caf\u00e9"],
    ["has one kind of line end", "a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne"],
    ["has no control characters", "a\0b\u0007c\u007fd\u0090e", "abcde"],
    ["has no byte order mark", "\ufeffa\ufeffb", "ab"],
    ["has no half of a pair", "a\ud83db\udc00c", "a\ufffdb\ufffdc"],
    ["keeps whole pairs", "a👩‍🚀b", "a👩‍🚀b"],
    ["has no soft hyphens", "op\u00adtion\u00adal, hy\u00ad\nphen", "optional, hyphen"],
    ["has plain blanks, one at a time", "a\u00a0\u2003 b", "a b"],
    ["keeps a tab between cells", "a  \t b", "a\tb"],
    ["has no blanks at the ends of lines", "  a  \n\t b ", "a\nb"],
    ["has one empty line at most", "a\n \n\n\t\nb", "a\n\nb"],
    ["has short rules", `a ${"-".repeat(500)} b`, `a ${"-".repeat(16)} b`],
  ];
  test.each(cases)("%s", (_name, raw, clean) => {
    expect(cleanText(raw)).toBe(clean);
    expect(cleanText(clean)).toBe(clean);
  });

  test("joins words that a typesetter divided, and only those, where that is asked for", () => {
    const raw = "ef-\nficient, X-\nRay, 12-\nmonth, well-\nüblich";
    expect(cleanText(raw, { joinHyphens: true })).toBe("efficient, X-\nRay, 12-\nmonth, wellüblich");
    expect(cleanText(raw)).toBe(raw);
  });

  test("keeps the blanks of code, within reason", () => {
    expect(cleanText("\nif x:\n    y  = 1\n", { keepBlanks: true })).toBe("if x:\n    y  = 1");
    expect(cleanText(`    a${" ".repeat(5000)}b`, { keepBlanks: true })).toBe(`    a${" ".repeat(64)}b`);
  });

  test("keeps what lines begin with where that is asked for", () => {
    expect(cleanText("\n- a\n  - b   c\n\t- d", { keepIndent: true })).toBe("- a\n  - b c\n\t- d");
    expect(cleanText(`a\n${" ".repeat(5000)}b`, { keepIndent: true })).toBe(`a\n${" ".repeat(64)}b`);
  });

  test("takes no longer for long runs of anything", () => {
    const started = performance.now();
    for (const run of [" ", "\t", "\n", " \n", "-", "\r", "\u00ad", "a-\n"]) {
      for (const keeps of [{ keepBlanks: true }, { keepIndent: true }, {}]) {
        cleanText(`a${run.repeat(200_000)}b`, { ...keeps, joinHyphens: true });
      }
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("is short where a text of megabytes is one rule or one blank", () => {
    for (const [run, length] of [
      ["-", 16],
      [" ", 64],
      ["\t", 64],
    ] as const) {
      const code = cleanText(`a${run.repeat(20_000_000)}b`, { keepBlanks: true });
      expect(code).toBe(`a${run.repeat(length)}b`);
    }
  });

  test("is cut between characters", () => {
    expect(cutText("ab👩", 3)).toBe("ab");
    expect(cutText("ab👩", 4)).toBe("ab👩");
  });
});

describe("decoded text", () => {
  const words = "Größe, naïve, smörgåsbord: the words of a text that is long enough to be told from another. ";
  const exact = ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"];
  test.each(exact)("in %s with a mark is read exactly", async (encoding) => {
    const { text, warnings } = await decodeText(iconv.encode(words, encoding, { addBOM: true }));
    expect([text, warnings]).toEqual([words, []]);
  });
  test.each(exact)("in %s without a mark is read exactly", async (encoding) => {
    const { text, warnings } = await decodeText(iconv.encode(words, encoding, { addBOM: false }));
    expect([text, warnings]).toEqual([words, []]);
  });

  const guessed: [string, string][] = [
    [
      "windows-1252",
      "Die schöne Frau hat einen Kaffee „mit Kuchen“ gegessen – für 15,50 €. Das war köstlich, sagte sie.",
    ],
    [
      "windows-1251",
      "Однажды, в студеную зимнюю пору, я из лесу вышел; был сильный мороз. Гляжу, поднимается медленно в гору.",
    ],
    ["gb18030", "知识库把文件变成可以查找的段落，每一段都带有出处。用户上传文件以后，系统会自动处理并建立索引。"],
    ["shift_jis", "文書を取り込み、検索できる段落に分けます。出典も付きます。これは日本語の文章です。"],
    ["euc-kr", "문서를 올리면 검색할 수 있는 문단으로 나누고 출처를 함께 보여 줍니다. 한국어 문장입니다."],
  ];
  test.each(guessed)("in %s is guessed, and that is told", async (encoding, sample) => {
    const { text, warnings } = await decodeText(iconv.encode(sample, encoding));
    expect(text).toBe(sample);
    expect(warnings.map(({ code }) => code)).toEqual(["encoding_guessed"]);
  });

  test("is believed about itself only when it is not UTF-8", async () => {
    const declared = () => "iso-8859-7";
    expect((await decodeText(iconv.encode("Ελληνικά", "iso-8859-7"), declared)).text).toBe("Ελληνικά");
    expect((await decodeText(Buffer.from("Größe"), declared)).text).toBe("Größe");
  });
});
