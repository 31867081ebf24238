import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { describeFailure } from "#lib/errors.ts";
import { openDatabase } from "#tests/stack/database.ts";
import { enter, openBrowser, openPage } from "./open-browser.ts";

const stack = inject("stack");
const refused = join(import.meta.dirname, "../fixtures/refused");

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function uploadToFailure(page: Page, fileName: string) {
  await enter(page);
  await page.getByLabel("Files to upload").setInputFiles(join(refused, fileName));
  const row = page.locator(`[data-document="${fileName}"]`);
  await row.getByText("Failed", { exact: true }).waitFor({ timeout: 90_000 });
  const href = (await row.getByRole("link").getAttribute("href")) ?? "";
  return { row, notice: row.locator(".notice"), href, id: href.split("/").at(-1) ?? "" };
}

test("a failed document says what happened, what to do and its number, on both screens, and can be reprocessed", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  const { row, notice, href, id } = await uploadToFailure(page, "password.pdf");
  const { message, action } = describeFailure("file_encrypted");
  const { data } = await openDatabase(stack).from("ingestion_jobs").select("run_id").eq("document_id", id).single();
  const number = `Code file_encrypted · correlation id ${data?.run_id}`;
  expect(await notice.textContent()).toContain(`${message} ${action}`);
  expect(await notice.textContent()).toContain(number);

  await row.getByRole("button", { name: "Try anyway" }).click();
  await notice.getByText(number).waitFor({ state: "detached" });
  await notice.getByText("Code file_encrypted").waitFor();
  await page.goto(href);
  await page.locator(".notice").getByText(message).waitFor();
  expect(await page.locator(".notice").textContent()).toContain(action);
  await page.getByRole("button", { name: "Try anyway" }).waitFor();
  expect(errors).toEqual([]);
});

test("what nobody foresaw shows the number to tell the operator, of a document and of a request", async () => {
  const { page } = await openPage(browser, stack.appUrl);
  const { row, notice, id } = await uploadToFailure(page, "truncated.pdf");
  const error = { code: "odd", message: "at query (/srv/db.js:1:1)", stage: "parse", correlationId: "run-of-the-mill" };
  await openDatabase(stack).from("documents").update({ error }).eq("id", id);
  await page.reload();
  await notice.getByText("correlation id run-of-the-mill").waitFor();
  const { message, action } = describeFailure("internal");
  expect(await notice.textContent()).toContain(`${message} ${action}`);

  const problem = { code: "internal", detail: message, action, correlationId: "request-of-the-mill" };
  await page.route("**/reprocess", (route) => route.fulfill({ status: 500, body: JSON.stringify(problem) }));
  await row.getByRole("button", { name: "Try again" }).click();
  const alert = row.getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toContain(`${message} ${action}Code internal · correlation id request-of-the-mill`);
});

test("of the failed documents those alone are tried again that it may help", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  const names = ["password.pdf", "truncated.pdf", "empty.docx"];
  await page.getByLabel("Files to upload").setInputFiles(names.map((name) => join(refused, name)));
  await page.getByText("3 files failed.").waitFor({ timeout: 90_000 });
  const links = await page
    .locator("[data-document] a")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  const ids = links.map((href) => href?.split("/").at(-1) ?? "");
  const database = openDatabase(stack);
  const error = { code: "embedding_unavailable", message: "The provider was away.", stage: "embed" };
  const helped = ids.slice(0, 2);
  await database.from("documents").update({ error }).in("id", helped);
  await page.reload();
  await page.getByText("3 files failed; a new try may help 2 of them.").waitFor();
  await page.getByRole("button", { name: "Try these 2 again" }).click();
  // They are what they were: none of them can be read.
  await page.getByText("3 files failed.", { exact: true }).waitFor({ timeout: 90_000 });
  const { data } = await database.from("ingestion_jobs").select("document_id").in("document_id", ids).eq("number", 2);
  expect(data?.map((job) => job.document_id).toSorted()).toEqual(helped.toSorted());
  expect(errors).toEqual([]);
});
