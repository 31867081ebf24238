import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { enter, openBrowser, openPage } from "./open-browser.ts";

const stack = inject("stack");

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await openBrowser();
  folder = mkdtempSync(join(tmpdir(), "knowledgebase-uploads-"));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const uploads = (page: Page) => page.getByRole("list", { name: "Uploads" });
const document = (page: Page, fileName: string) => page.locator(`[data-document="${fileName}"]`);
const goTo = (page: Page, name: string) => page.getByRole("link", { name, exact: true }).click();
const textFile = (name: string, text = name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

/** Holds what is sent to the documents until the returned function is called. */
async function holdUploads(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route("**/api/documents", async (route) => {
    if (route.request().method() === "POST") await promise;
    // One that the page has broken off meanwhile would still be sent from here.
    if (route.request().failure()) await route.abort();
    else await route.continue();
  });
  return resolve;
}

/** Drops what is on disk at a point of the page, as a file manager does. */
async function dropPath(page: Page, path: string, at: { x: number; y: number }): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, ...at, data });
}

test("going to Search while files are sent loses none, and leaving or signing out asks first", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  const release = await holdUploads(page);
  const names = ["one.txt", "two.txt", "three.txt", "four.txt", "five.txt"];
  await page.getByLabel("Files to upload").setInputFiles(names.map((name) => textFile(name)));
  await uploads(page).getByText("0 of 5 files sent").waitFor();

  await goTo(page, "Search");
  await page.getByRole("link", { name: "5 files are being sent" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("5 files on the way would be left out.").waitFor();
  await page.getByRole("button", { name: "Stay" }).click();
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();

  release();
  await page.getByText("being sent").waitFor({ state: "detached" });
  await goTo(page, "Documents");
  await Promise.all(names.map((name) => document(page, name).waitFor()));
  expect(errors).toEqual([]);
});

test("a folder that is dropped beside the area is taken with what is in it, and what is on its way can be stopped", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  const release = await holdUploads(page);
  const dropped = join(folder, "dropped");
  mkdirSync(join(dropped, "inner"), { recursive: true });
  for (const name of ["ferry.txt", ".DS_Store", "inner/quay.md"]) writeFileSync(join(dropped, name), name);
  await dropPath(page, dropped, { x: 40, y: 850 });
  const brokenOff = page.waitForEvent("requestfailed");
  await page.getByRole("button", { name: "Stop ferry.txt" }).click();
  await brokenOff;
  await page.getByRole("button", { name: "Stop ferry.txt" }).waitFor({ state: "detached" });
  release();
  await document(page, "quay.md").waitFor();
  await uploads(page).waitFor({ state: "detached" });
  expect(await page.locator("[data-document]").count()).toBe(1);
  expect(errors).toEqual([]);
});

test("a file that is gone when its turn comes is said to be unreadable, and not that the server is away", async () => {
  const { page } = await openPage(browser, stack.appUrl);
  await enter(page);
  const release = await holdUploads(page);
  const input = page.getByLabel("Files to upload");
  await input.setInputFiles(["a.txt", "b.txt", "c.txt"].map((name) => textFile(name)));
  writeFileSync(join(folder, "gone.txt"), "gone");
  await input.setInputFiles(join(folder, "gone.txt"));
  await uploads(page).getByText("0 of 4 files sent").waitFor();
  rmSync(join(folder, "gone.txt"));
  release();
  const alert = uploads(page).getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toContain("gone.txt: The browser cannot read this file.");
});

test("the question about the cost of a file waits while its user is on another screen", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  const estimate = { chunks: 15_658, tokens: 6_000_000, pages: 0, model: "text-embedding-3-small", priceUsd: 0.12 };
  await page.route("**/api/documents/estimate", (route) =>
    route.fulfill({ json: { ...estimate, pricedAt: "2026-07-03" } }),
  );
  await page.getByLabel("Files to upload").setInputFiles([textFile("big.txt", "A quay. ".repeat(150_000))]);
  await page.getByText("big.txt would cost about $0.12 to make searchable (15,658 passages").waitFor();
  await goTo(page, "Search");
  await page.getByRole("link", { name: "1 file asks about its cost" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await document(page, "big.txt").waitFor();
  expect(errors).toEqual([]);
});
