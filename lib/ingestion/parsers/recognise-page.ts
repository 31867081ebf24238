import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Canvas, createCanvas, type Image, loadImage } from "@napi-rs/canvas";
import { createWorker, type Worker } from "tesseract.js";
import { Failure } from "#lib/errors.ts";
import type { RecognisedPage } from "#lib/ingestion/pages/schema.ts";
import type { ParseTasks } from "#lib/ingestion/parse-protocol.ts";
import { type OpenPdf, openPdf } from "#lib/ingestion/parsers/pdf-engine.ts";

type Request = ParseTasks["recognisePage"]["request"];

/** Below this a page may lie on its side: right ones have more, and turned ones 40 to 49. */
const doubtful = 50;
const mostPixels = 12_000_000;
const paper = 245;

let reader: { languages: string; worker: Worker } | undefined;
let open: { path: string; pdf: OpenPdf } | undefined;

/** What can be recognised in the image of a page, however it lies. What it loads is kept for the next page. */
export async function recognisePage(request: Request): Promise<RecognisedPage> {
  const canvas = await drawPage(request);
  if (isBlank(canvas)) return { text: "", confidence: 0, isBlank: true };
  const worker = await openReader(request.languages);
  let best = await read(worker, canvas);
  for (const quarters of [1, 2, 3]) {
    if (best.confidence >= doubtful) break;
    const turned = await read(worker, turn(canvas, quarters));
    if (turned.confidence > best.confidence) best = turned;
  }
  return { ...best, isBlank: false };
}

async function read(worker: Worker, canvas: Canvas): Promise<{ text: string; confidence: number }> {
  const { data } = await worker.recognize(canvas.toBuffer("image/png"));
  return { text: data.text, confidence: data.confidence };
}

async function drawPage({ path: file, mediaType, page }: Request): Promise<Canvas> {
  if (mediaType !== "application/pdf") return toCanvas(await loadImage(await readFile(file)).catch(refuse));
  if (open?.path !== file) {
    await open?.pdf.close();
    open = { path: file, pdf: await openPdf(await readFile(file)) };
  }
  return toCanvas(await loadImage(Buffer.from(await open.pdf.draw(page))));
}

function refuse(cause: unknown): never {
  throw new Failure("file_corrupt", { cause });
}

/** On white, for what is transparent is paper; smaller when it is very large. */
function toCanvas(image: Image): Canvas {
  const scale = Math.min(1, Math.sqrt(mostPixels / (image.width * image.height)));
  const canvas = createCanvas(Math.ceil(image.width * scale), Math.ceil(image.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function turn(canvas: Canvas, quarters: number): Canvas {
  const isSideways = quarters % 2 === 1;
  const turned = createCanvas(isSideways ? canvas.height : canvas.width, isSideways ? canvas.width : canvas.height);
  const context = turned.getContext("2d");
  context.translate(turned.width / 2, turned.height / 2);
  context.rotate((quarters * Math.PI) / 2);
  context.drawImage(canvas, -canvas.width / 2, -canvas.height / 2);
  return turned;
}

function isBlank(canvas: Canvas): boolean {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) {
    if ((data[at] ?? 0) < paper || (data[at + 1] ?? 0) < paper || (data[at + 2] ?? 0) < paper) return false;
  }
  return true;
}

/** `languages` as Tesseract writes them ("eng+deu"); each is a package of its own. */
async function openReader(languages: string): Promise<Worker> {
  if (reader?.languages === languages) return reader.worker;
  await reader?.worker.terminate();
  const workerPath = fileURLToPath(import.meta.resolve("#lib/ingestion/parsers/ocr-thread.ts"));
  const worker = await createWorker(languages, 1, { workerPath, langPath: ".", cacheMethod: "none" });
  reader = { languages, worker };
  return worker;
}
