import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { enter, openBrowser, openPage } from "./open-browser.ts";

const stack = inject("stack");
const filler = "The quay lies in the fog and nobody is there. ".repeat(30);

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function upload(page: Page, name: string, text: string): Promise<void> {
  await page.getByLabel("Files to upload").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  const badge = page.locator(`[data-document="${name}"] .badge`);
  await badge.filter({ hasText: "Ready" }).waitFor({ timeout: 90_000 });
}

test("a citation deep in a long text opens there with one request, is marked, and pages both ways", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await enter(page);
  const part = (index: number) => `Part ${index}. ${filler}${index === 150 ? "A zeppelin rises." : ""}`;
  await upload(page, "fog.txt", Array.from({ length: 200 }, (_, index) => part(index)).join("\n\n"));

  await page.goto("/search?q=zeppelin");
  const best = page.getByRole("list", { name: "Results" }).getByRole("listitem").first();
  await best.getByRole("button", { name: "Show all" }).waitFor();
  expect(await best.locator("mark").allTextContents()).toEqual(["zeppelin"]);
  const short = (await best.textContent())?.length ?? 0;
  await best.getByRole("button", { name: "Show all" }).press("Enter");
  await best.getByRole("button", { name: "Show less" }).waitFor();
  expect((await best.textContent())?.length).toBeGreaterThan(short);
  const citation = (await best.getByRole("link").textContent()) ?? "";
  expect(citation).toMatch(/^fog(?:\.txt)? · passage \d+$/);

  const asked: string[] = [];
  page.on("request", (request) => /\/api\/.*\/chunks/.test(request.url()) && asked.push(request.url()));
  await best.getByRole("link").click();
  const wanted = page.locator('[data-wanted="true"]');
  await wanted.waitFor();
  expect(asked).toHaveLength(1);
  expect(await wanted.locator("mark").allTextContents()).toEqual(["zeppelin"]);
  expect(await wanted.textContent()).toMatch(new RegExp(`^${citation.split(" · ")[1]} of \\d+ · `));
  const passages = page.getByRole("region", { name: "Passages" }).getByRole("listitem");
  const count = await passages.count();
  await page.getByRole("button", { name: "Show earlier passages" }).click();
  await page.waitForFunction((before) => document.querySelectorAll("li[data-wanted]").length === before + 50, count);
  await page.getByRole("link", { name: "From the beginning" }).click();
  await passages.filter({ hasText: "passage 1 of " }).waitFor();

  await page.goBack();
  await wanted.waitFor();
  const gone = new URL(page.url());
  gone.searchParams.set("chunk", crypto.randomUUID());
  await page.goto(gone.href);
  await page.getByText("This passage is no longer in the document; it was read anew since.").waitFor();
  expect(await passages.first().textContent()).toMatch(/^passage 1 of /);
  expect(errors).toEqual([]);
});

test("who has no documents is told so by a search, and a shared address outlasts the sign-in", async () => {
  const { page, errors } = await openPage(browser, stack.appUrl);
  await page.goto("/search?q=ferry%20times");
  await page.waitForURL("**/sign-in?next=*");
  await page.getByLabel("E-mail").fill(`${crypto.randomUUID()}@example.com`);
  await page.getByLabel("Password").fill(crypto.randomUUID());
  await page.getByRole("button", { name: "Sign in" }).click();
  const refusal = page.getByText("The e-mail or the password is not right.");
  await refusal.waitFor();
  await page.getByRole("button", { name: "Create an account instead" }).click();
  expect(await refusal.count()).toBe(0);
  await page.getByText("6 characters or more").waitFor();
  await page.getByLabel("Password").fill(crypto.randomUUID());
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(/\/search\?q=ferry(?:%20|\+)times$/);
  await page.getByText("You have no documents yet.").waitFor();
  await page.getByRole("link", { name: "Add some" }).click();
  await page.waitForURL("**/documents");
  expect(errors).toEqual([]);
});
