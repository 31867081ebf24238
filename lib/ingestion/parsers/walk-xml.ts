import { Parser } from "saxen";
import { Failure } from "#lib/errors.ts";

/** Names have no prefix: who wrote a file chose it. */
export interface XmlHandlers {
  open?(name: string, attributes: () => Record<string, string>): void;
  close?(name: string): void;
  text?(text: string): void;
}

const pieceBytes = 1024 * 1024;
const named: Record<string, string> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"', nbsp: "\u00a0" };

/**
 * Walks through XML in pieces, without a tree. What a DOCTYPE declares is neither fetched nor put in. Throws
 * `file_corrupt` when it is no XML, or ends early; what a handler throws passes.
 */
export function walkXml(bytes: Uint8Array, { open, close, text }: XmlHandlers): void {
  const parser = new Parser();
  if (open) parser.on("openTag", (name, attributes) => open(dropPrefix(name), () => readAttributes(attributes())));
  if (close) parser.on("closeTag", (name) => close(dropPrefix(name)));
  if (text) parser.on("text", (value) => text(decodeEntities(value))).on("cdata", text);
  parser.on("error", (cause) => {
    throw new Failure("file_corrupt", { cause });
  });
  // Odd attributes are left to the one who asks for them.
  parser.on("warn", () => {});
  const decoder = new TextDecoder(findEncoding(bytes));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    parser.write(decoder.decode(bytes.subarray(at, at + pieceBytes), { stream: true }));
  }
  parser.write(decoder.decode()).end();
}

function findEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const start = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
  const [, declared = "utf-8"] = /^[^<]{0,3}<\?xml[^>]*encoding=["']([\w.-]+)/i.exec(start) ?? [];
  return /^(iso-8859-\d+|windows-\d+|us-ascii|shift_jis|gb\w+|big5|euc-\w+)$/i.test(declared) ? declared : "utf-8";
}

function dropPrefix(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function readAttributes(raw: Record<string, string>): Record<string, string> {
  const attributes: Record<string, string> = {};
  // An attribute without a prefix wins over one with it.
  for (const [name, value] of Object.entries(raw)) {
    const plain = dropPrefix(name);
    if (plain === name || !Object.hasOwn(raw, plain)) attributes[plain] = decodeEntities(value);
  }
  return attributes;
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return named[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
