import chromium from "@sparticuz/chromium";

/** Unpacks the browser before any test: of two that do it at once, one would start a file that the other is still writing. */
export default async function unpackBrowser(): Promise<void> {
  await chromium.executablePath();
}
