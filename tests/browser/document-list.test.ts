import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openDatabase } from "#tests/stack/database.ts";
import { enter, openBrowser, openPage } from "./open-browser.ts";

const stack = inject("stack");

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const rows = (page: Page) => page.locator("[data-document]");
const row = (page: Page, fileName: string) => page.locator(`[data-document="${fileName}"]`);
const isListRequest = (method: string, url: string) => method === "GET" && /\/api\/documents\?/.test(url);
const nameOfFocus = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

async function upload(page: Page, names: string[]): Promise<void> {
  const files = names.map((name) => ({
    name,
    mimeType: "text/plain",
    buffer: Buffer.from(`The ferry ${name} leaves the harbour at nine.\n`),
  }));
  await page.getByLabel("Files to upload").setInputFiles(files);
}

/** Puts older documents into the database, which wait for nothing, beside one that is there. */
async function addOlder(fileName: string, count: number): Promise<void> {
  const database = openDatabase(stack);
  const { data } = await database.from("documents").select("owner_id, created_at").eq("file_name", fileName).single();
  if (!data) throw new Error(`${fileName} is not there.`);
  const added = Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    owner_id: data.owner_id,
    title: `Old ${index}`,
    file_name: `old-${index}.txt`,
    media_type: "text/plain",
    size_bytes: 1,
    sha256: randomUUID().replaceAll("-", "").repeat(2),
    storage_key: `none/${randomUUID()}`,
    status: "cancelled",
    created_at: new Date(Date.parse(data.created_at) - (index + 1) * 1000).toISOString(),
  }));
  const { error } = await database.from("documents").insert(added);
  expect(error).toBeNull();
}

test("while many files are sent the list shows what has arrived, and is asked for far less often than files arrive", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  await page.getByText("Nothing here yet").waitFor();
  const count = 40;
  let [arrived, asked] = [0, 0];
  page.on("response", (response) => {
    if (response.request().method() === "POST" && response.url().endsWith("/api/documents")) arrived += 1;
  });
  // The list takes longer than a file.
  await page.route(
    (url) => isListRequest("GET", url.href),
    async (route) => {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.continue();
    },
  );
  await upload(
    page,
    Array.from({ length: count }, (_, index) => `many-${index}.txt`),
  );
  await rows(page).first().waitFor();
  expect(arrived).toBeLessThan(count);
  await page.getByRole("option", { name: `All (${count})` }).waitFor({ state: "attached", timeout: 90_000 });
  expect(asked).toBeLessThan(count / 2);
  expect(errors).toEqual([]);
});

test("all documents can be seen, page by page, none twice and none missing when one comes in", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  const first = `${randomUUID()}.txt`;
  await upload(page, [first]);
  await row(page, first).waitFor();
  await addOlder(first, 129);
  await page.reload();
  await expect.poll(() => rows(page).count()).toBe(50);
  const showMore = page.getByRole("button", { name: "Show more" });
  await showMore.click();
  await expect.poll(() => rows(page).count()).toBe(100);
  await expect.poll(() => nameOfFocus(page)).toBe("Old 49");
  await upload(page, ["newer.txt"]);
  await row(page, "newer.txt").waitFor();
  await showMore.click();
  await showMore.waitFor({ state: "detached" });
  const names = await rows(page).evaluateAll((all) => all.map((one) => one.getAttribute("data-document")));
  expect(names).toEqual(["newer.txt", first, ...Array.from({ length: 129 }, (_, index) => `old-${index}.txt`)]);
  expect(errors).toEqual([]);
});

test("what is looked for is there again after Back and reload, and a deletion leaves the focus with the next one", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  await upload(page, ["harbour.txt", "quay-1.txt", "quay-2.txt", "quay-3.txt"]);
  await expect.poll(() => rows(page).count()).toBe(4);
  const find = page.getByLabel("Find a document by name");
  await find.fill("quay");
  await row(page, "harbour.txt").waitFor({ state: "detached" });
  await page.getByLabel("Show").selectOption({ label: "Ready (4)" }, { timeout: 60_000 });
  await expect.poll(() => new URL(page.url()).search).toBe("?q=quay&status=ready");
  await rows(page).first().getByRole("link").click();
  await page.waitForURL("**/documents/*");
  await page.goBack();
  await expect.poll(() => rows(page).count()).toBe(3);
  await page.reload();
  await expect.poll(() => rows(page).count()).toBe(3);
  expect([await find.inputValue(), await page.getByLabel("Show").inputValue()]).toEqual(["quay", "ready"]);

  const names = await rows(page).getByRole("link").allTextContents();
  await rows(page).nth(1).getByRole("button", { name: "Delete" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  expect(await rows(page).count()).toBe(3);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Delete it" }).click();
  await expect.poll(() => rows(page).count()).toBe(2);
  await expect.poll(() => nameOfFocus(page)).toBe(names[2]);
  expect(errors).toEqual([]);
});

test("a reprocess keeps the focus, and is undone and done again in words", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  await upload(page, ["ferry.txt"]);
  const ferry = row(page, "ferry.txt");
  await ferry.getByRole("button", { name: "Reprocess" }).focus();
  await page.keyboard.press("Enter");
  await ferry.getByRole("status").filter({ hasText: "Read again" }).waitFor();
  await expect.poll(() => nameOfFocus(page)).toBe("Reprocess");
  await ferry.getByRole("button", { name: "Undo reprocess" }).focus();
  await page.keyboard.press("Enter");
  await ferry.getByRole("status").filter({ hasText: "The former passages are searched again" }).waitFor();
  expect(await nameOfFocus(page)).toBe("Redo reprocess");
  await page.keyboard.press("Enter");
  await ferry.getByRole("status").filter({ hasText: "The newer passages are searched again" }).waitFor();
  expect(errors).toEqual([]);
});
