import { expect, inject, test } from "vitest";
import type { DocumentView } from "#lib/documents/schema.ts";
import { createOwner } from "./owner.ts";

const stack = inject("stack");
const isReady = (document: DocumentView) => document.status === "ready";

const texts: [language: string, text: string, question: string][] = [
  ["de", "Die Häuser an der Küste wurden mit größeren Fenstern gebaut, damit mehr Licht hineinfällt.", "Haus"],
  ["zh", "知识库把文件变成可以查找的段落，每一段都带有出处，读者可以核对原文。", "出处"],
];

test("a document tells its language, and is found by words in another form, or without blanks around them", async () => {
  const owner = await createOwner(stack);
  for (const [language, text, question] of texts) {
    const { id } = await owner.upload(new File([text], `${language}.txt`));
    expect((await owner.follow(id, isReady)).language).toBe(language);
    expect((await owner.search(question, 1))[0]).toMatchObject({ documentId: id, content: text });
  }
});
