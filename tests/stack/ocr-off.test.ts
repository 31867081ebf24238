import { expect, test } from "vitest";
import { makePdf } from "#tests/unit/make-pdf.ts";
import { drawScan } from "#tests/unit/make-scan.ts";
import { bootOwnStack, removeDataDir } from "./boot-own-stack.ts";
import { signInDemo } from "./sign-in-demo.ts";

test("where images are not read, ten pages with one typed page become ready, and the nine others are named", async () => {
  const stack = await bootOwnStack({ env: { OCR_LANGUAGES: "off" } });
  try {
    const api = await signInDemo(stack.json);
    const scan = drawScan(["Nobody reads", "these words."]);
    const typed = [{ text: "This page is typed and speaks of the desert at length.", y: 700 }];
    const pages = Array.from({ length: 10 }, (_, index) => (index === 3 ? typed : scan));
    const { id } = await api.upload(new File([new Uint8Array(makePdf(pages))], "scan.pdf"));
    const document = await api.follow(id, ({ status }) => status === "ready" || status === "error");
    expect(document).toMatchObject({
      status: "ready",
      warnings: [{ code: "pages_without_text", pages: [1, 2, 3, 5, 6, 7, 8, 9, 10] }],
      coverage: { pages: 10, textPages: 1, ocrPages: 0, unreadPages: 9 },
    });
    expect(await api.search("desert", 1)).toMatchObject([{ documentId: id, pageFrom: 4 }]);
  } finally {
    await stack.stop();
    await removeDataDir(stack.dataDir);
  }
});
