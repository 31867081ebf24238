import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { enter, openBrowser, openPage } from "./open-browser.ts";

const stack = inject("stack");
const samples = join(import.meta.dirname, "../fixtures/samples");

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const row = (page: Page, fileName: string) => page.locator(`[data-document="${fileName}"]`);
const badge = (page: Page, fileName: string) => row(page, fileName).locator(".badge");

async function waitReady(page: Page, fileName: string): Promise<void> {
  await badge(page, fileName).filter({ hasText: "Ready" }).waitFor({ timeout: 90_000 });
}

/** Drops a file on the upload area as a mouse does. */
async function drop(page: Page, fileName: string): Promise<void> {
  const text = readFileSync(join(samples, fileName), "utf8");
  const data = await page.evaluateHandle(
    ({ text, fileName }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], fileName));
      return transfer;
    },
    { text, fileName },
  );
  await page.getByRole("region", { name: "Upload" }).dispatchEvent("drop", { dataTransfer: data });
}

test("a user uploads by choosing and by dropping, watches, searches, opens the passage, and deletes", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  await page.getByText("Nothing here yet").waitFor();

  await page.getByLabel("Files to upload").setInputFiles(join(samples, "employee-handbook.pdf"));
  await drop(page, "support-runbook.md");
  await row(page, "employee-handbook.pdf").waitFor();
  await Promise.all([waitReady(page, "employee-handbook.pdf"), waitReady(page, "support-runbook.md")]);

  await page.getByRole("link", { name: "Search", exact: true }).click();
  await page.getByLabel("Question or words").fill("How many weeks of parental leave does a parent receive?");
  await page.keyboard.press("Enter");
  const best = page.getByRole("list", { name: "Results" }).getByRole("listitem").first();
  await best.waitFor();
  expect(await best.textContent()).toMatch(/twenty-two weeks of parental\s+leave/);
  expect(await best.getByRole("link").textContent()).toMatch(/page 2 · .*Parental leave/);

  await best.getByRole("link").click();
  const wanted = page.locator('[data-wanted="true"]');
  await wanted.waitFor();
  expect(await wanted.textContent()).toContain("twenty-two weeks");
  await page.getByText("passages are searchable").waitFor();

  await page.goBack();
  await page.getByRole("list", { name: "Results" }).waitFor();
  await page.getByRole("link", { name: "Documents", exact: true }).click();
  const doomed = row(page, "support-runbook.md");
  await doomed.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Keep it" }).click();
  expect(await doomed.isVisible()).toBe(true);
  await doomed.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await doomed.waitFor({ state: "detached" });
  expect(errors).toEqual([]);
});

test("passages without a word of the question are said to be far-fetched, and one passage is told in the singular", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  const buffer = Buffer.from("# Harbour\n\nThe ferry leaves the harbour at nine.\n");
  await page.getByLabel("Files to upload").setInputFiles({ name: "harbour.md", mimeType: "text/markdown", buffer });
  await waitReady(page, "harbour.md");

  await page.getByRole("link", { name: "Search", exact: true }).click();
  await page.waitForURL("**/search");
  expect(await page.getByRole("navigation").locator("[aria-current]").allTextContents()).toEqual(["Search"]);
  const hint = page.getByText("None of your words is in these passages");
  const results = page.getByRole("list", { name: "Results" }).getByRole("listitem");
  await page.getByLabel("Question or words").fill("zeppelin invoices");
  await page.keyboard.press("Enter");
  await hint.waitFor();
  expect(await results.count()).toBe(1);
  await page.getByLabel("Question or words").fill("When do ferries leave?");
  await page.keyboard.press("Enter");
  await results.locator("mark").first().waitFor();
  expect(await hint.count()).toBe(0);

  await results.getByRole("link").click();
  await page.getByText("1 passage is searchable.").waitFor();
  await page.getByText(/· 1 passage · .* · 1 passage \(\d+ tokens\) embedded in 1 request$/).waitFor();
  expect(errors).toEqual([]);
});

test("a file that cannot be read says why and what to do, and can be dismissed", async () => {
  const { page } = await openPage(browser, stack.appUrl);
  await enter(page);
  await page
    .getByLabel("Files to upload")
    .setInputFiles({ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
  const alert = page.getByRole("list", { name: "Uploads" }).getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toContain("The file has no content. Check that the file was saved completely");
  // The same bytes would be refused again.
  expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await alert.waitFor({ state: "detached" });
});

test("a large file goes straight to Storage", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  const puts: string[] = [];
  page.on("request", (request) => request.method() === "PUT" && puts.push(new URL(request.url()).origin));
  await enter(page);
  const buffer = Buffer.from(`# Large\n\n${"The quay is long. ".repeat(10)}\n${" ".repeat(5 * 1024 * 1024)}`);
  await page.getByLabel("Files to upload").setInputFiles({ name: "large.md", mimeType: "text/markdown", buffer });
  await waitReady(page, "large.md");
  expect(puts).toEqual([stack.supabaseUrl]);
  expect(errors).toEqual([]);
});

test("the keyboard alone is enough to sign in, reprocess and sign out", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  await page.getByLabel("Files to upload").setInputFiles(join(samples, "all-hands-notes.txt"));
  await waitReady(page, "all-hands-notes.txt");
  await row(page, "all-hands-notes.txt").getByRole("button", { name: "Reprocess" }).focus();
  await page.keyboard.press("Enter");
  await row(page, "all-hands-notes.txt").getByRole("status").filter({ hasText: "Read again" }).waitFor();
  await waitReady(page, "all-hands-notes.txt");
  await page.getByRole("button", { name: "Sign out" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/sign-in");
  await page.goto("/documents");
  await page.waitForURL("**/sign-in");
  expect(errors).toEqual([]);
});
