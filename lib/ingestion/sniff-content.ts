import { inflateRawSync } from "node:zlib";

/** What bytes are, as far as anybody has to tell them apart. */
export type Content =
  | "pdf"
  | "docx"
  | "xlsx"
  | "xlsb"
  | "pptx"
  | "odt"
  | "ods"
  | "odp"
  | "epub"
  | "doc"
  | "xls"
  | "ppt"
  | "msg"
  | "compound"
  | "rtf"
  | "email"
  | "mbox"
  | "mhtml"
  | "zip"
  | "archive"
  | "png"
  | "jpeg"
  | "webp"
  | "gif"
  | "image"
  | "media"
  | "program"
  | "database"
  | "font"
  | "encrypted"
  | "html"
  | "text"
  | "binary";

export interface Sniffed {
  content: Content;
  /** What else it can be as well, when the file's name says so. */
  open: Content[];
}

const signatures: [Content, offset: number, bytes: string][] = [
  ["pdf", 0, "%PDF-"],
  ["rtf", 0, "{\\rtf"],
  ["png", 0, "\x89PNG\r\n"],
  ["jpeg", 0, "\xff\xd8\xff"],
  ["gif", 0, "GIF8"],
  ["webp", 8, "WEBP"],
  ["image", 0, "II*\0"],
  ["image", 0, "MM\0*"],
  ["image", 0, "8BPS"],
  ["image", 0, "\0\0\x01\0"],
  ["image", 4, "ftypheic"],
  ["image", 4, "ftypmif1"],
  ["image", 4, "ftypavif"],
  ["media", 4, "ftyp"],
  ["media", 0, "ID3"],
  ["media", 0, "\xff\xfb"],
  ["media", 0, "OggS"],
  ["media", 0, "fLaC"],
  ["media", 0, "\x1aE\xdf\xa3"],
  ["media", 8, "WAVE"],
  ["media", 8, "AVI "],
  ["archive", 0, "\x1f\x8b\x08"],
  ["archive", 0, "7z\xbc\xaf\x27\x1c"],
  ["archive", 0, "Rar!\x1a\x07"],
  ["archive", 0, "BZh"],
  ["archive", 0, "\xfd7zXZ\0"],
  ["archive", 0, "\x28\xb5\x2f\xfd"],
  ["archive", 257, "ustar"],
  ["program", 0, "\x7fELF"],
  ["program", 0, "\xca\xfe\xba\xbe"],
  ["program", 0, "\xcf\xfa\xed\xfe"],
  ["program", 0, "\0asm"],
  ["database", 0, "SQLite format 3\0"],
  ["font", 0, "wOFF"],
  ["font", 0, "wOF2"],
  ["font", 0, "OTTO"],
  ["font", 0, "\0\x01\0\0\0"],
];

/** What a member of a ZIP archive begins with. */
const member = "PK\x03\x04";

/** Tells what the first bytes of a file are the beginning of. Never throws. */
export function sniffContent(head: Uint8Array): Sniffed {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  // One character a byte, so that offsets in it are offsets in the file.
  const start = bytes.toString("latin1", 0, 1024);
  if (start.startsWith(member) || start.startsWith("PK\x05\x06")) return sniffZip(bytes);
  if (start.startsWith("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) return sniffCompoundFile(bytes);
  const known = signatures.find(([, offset, magic]) => start.startsWith(magic, offset));
  if (known) return certain(known[0]);
  // A PDF may have foreign bytes before its header; a text may speak of PDFs.
  const pdf: Content[] = start.includes("%PDF-") ? ["pdf"] : [];
  const text = readAsText(bytes);
  if (text === null) {
    if (start.startsWith("MZ")) return certain("program");
    return { content: pdf[0] ?? "binary", open: pdf };
  }
  const html = sniffHtml(text);
  if (html === "page") return { content: "html", open: pdf };
  return sniffMail(text, pdf) ?? { content: "text", open: html ? [...pdf, "html"] : pdf };
}

function certain(content: Content): Sniffed {
  return { content, open: [] };
}

/** An archive is what its members are; when they lie beyond the first bytes, the name may say. */
function sniffZip(bytes: Buffer): Sniffed {
  const names: string[] = [];
  let types = "";
  for (let at = bytes.indexOf(member); at >= 0 && at + 30 <= bytes.length; at = findNext(bytes, at)) {
    const nameLength = bytes.readUInt16LE(at + 26);
    const name = bytes.toString("latin1", at + 30, at + 30 + nameLength);
    names.push(name);
    const data = bytes.subarray(at + 30 + nameLength + bytes.readUInt16LE(at + 28));
    if (types !== "") continue;
    if (name === "mimetype") types = inflateSome(data, bytes.readUInt16LE(at + 8)).slice(0, 80);
    if (name === "[Content_Types].xml") types = inflateSome(data, bytes.readUInt16LE(at + 8));
  }
  const has = (folder: string) => names.some((name) => name.startsWith(folder));
  if (names.includes("EncryptedPackage")) return certain("encrypted");
  if (/opendocument\.text/.test(types)) return certain("odt");
  if (/opendocument\.spreadsheet/.test(types)) return certain("ods");
  if (/opendocument\.presentation/.test(types)) return certain("odp");
  if (/epub\+zip/.test(types) || names.includes("META-INF/container.xml")) return certain("epub");
  // The type of the main part: documents of the other kinds may be embedded, with types of their own.
  const [main = ""] = /[\w.-]*\.main\+xml/i.exec(types) ?? [];
  const isBinary = names.includes("xl/workbook.bin") || (!main && types.includes("ms-excel.sheet.binary"));
  if (isBinary) return certain("xlsb");
  if (main.includes("word") || (!main && has("word/"))) return certain("docx");
  if (/spreadsheetml|excel/.test(main) || (!main && has("xl/"))) return certain("xlsx");
  if (/presentationml|powerpoint/.test(main) || (!main && has("ppt/"))) return certain("pptx");
  return { content: "zip", open: ["docx", "xlsx", "pptx", "odt", "ods", "odp", "epub"] };
}

/** The next member of an archive. What is packed may be an archive too, whose members are not its. */
function findNext(bytes: Buffer, at: number): number {
  const end = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28) + bytes.readUInt32LE(at + 18);
  // Sizes that stand after the data are 0 here.
  return bytes.indexOf(member, bytes.readUInt32LE(at + 18) > 0 ? end : at + 4);
}

function inflateSome(data: Buffer, method: number): string {
  if (method === 0) return data.toString("latin1", 0, 4096);
  try {
    return inflateRawSync(data, { finishFlush: 2, maxOutputLength: 1024 * 1024 }).toString("latin1");
  } catch {
    // Cut short, damaged or absurdly large: the members' names are left to tell.
    return "";
  }
}

/** Office files before 2007, and every Office file with a password, are compound files; their streams have UTF-16 names. */
function sniffCompoundFile(bytes: Buffer): Sniffed {
  const has = (name: string) => bytes.includes(Buffer.from(name, "utf16le"));
  if (has("EncryptedPackage")) return certain("encrypted");
  if (has("WordDocument")) return certain("doc");
  if (has("Workbook") || has("Book")) return certain("xls");
  if (has("PowerPoint Document")) return certain("ppt");
  if (has("__properties_version1.0")) return certain("msg");
  return { content: "compound", open: ["doc", "xls", "ppt", "msg"] };
}

/** The beginning as rough text (one character a byte, or a UTF-16 or UTF-32 unit), null when it is none. */
function readAsText(bytes: Buffer): string | null {
  const sample = bytes.subarray(0, 16 * 1024);
  const { nuls, controls } = countStrange(sample);
  const text = sample.toString("latin1").replaceAll("\0", "");
  if (/^(\xff\xfe|\xfe\xff)/.test(text)) return text;
  // Text in two or four bytes a character has its NULs at the same place of every unit; other data has them anywhere.
  if (sample.length >= 4 && Math.max(...nuls) > sample.length / 16 && Math.min(...nuls) === 0) return text;
  // A stray NUL or control character is forgiven.
  const strange = controls + nuls.reduce((sum, count) => sum + count, 0);
  return strange > sample.length * (isUtf8(sample) ? 0.1 : 0.02) ? null : text;
}

/** NULs by their place in a unit of four bytes, and the control characters that are not at home in a text. */
function countStrange(sample: Buffer): { nuls: number[]; controls: number } {
  const nuls = [0, 0, 0, 0];
  let controls = 0;
  for (let at = 0; at < sample.length; at += 1) {
    const byte = sample[at] ?? 0;
    if (byte === 0) nuls[at % 4] = (nuls[at % 4] ?? 0) + 1;
    // Backspace to carriage return are common, and escape is part of ISO-2022.
    else if ((byte < 32 && (byte < 8 || byte > 13) && byte !== 27) || byte === 127) controls += 1;
  }
  return { nuls, controls };
}

function isUtf8(sample: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** A page, or (`fragment`) a piece of one. */
function sniffHtml(text: string): "page" | "fragment" | null {
  const start = text.slice(0, 8192).replace(/^[^<]{0,4}/, "");
  const body = start.replace(/^(\s+|<\?xml[^>]*>|<!--[\s\S]*?-->)+/i, "");
  if (/^<(!doctype\s+html|html|head|body)[\s>]/i.test(body)) return "page";
  const block = /^<(div|p|h[1-6]|table|article|main|section|title|meta|center|ul|ol)\b[^<]*>[\s\S]*<\/\w+>/i;
  return block.test(body) ? "fragment" : null;
}

/** A mail begins with its headers, a mailbox with a line that says who sent its first mail, and when. Few headers are only a hint. */
function sniffMail(text: string, others: Content[]): Sniffed | null {
  const [, envelope, head = ""] =
    /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(From [^\r\n]+\r?\n)?([\s\S]*)$/.exec(text) ?? [];
  const headers = head.split(/\r?\n\r?\n/, 1)[0] ?? "";
  if (!/^[\w-]+:/.test(headers)) return null;
  const named =
    headers.match(
      /^(received|return-path|delivered-to|mime-version|message-id|from|to|cc|subject|date|reply-to|content-type):/gim,
    ) ?? [];
  const known = new Set(named.map((name) => name.toLowerCase())).size;
  if (envelope && /\d\d:\d\d/.test(envelope) && known >= 2)
    return { content: "mbox", open: ["email", "text", "html", ...others] };
  if (known >= 4) return { content: "email", open: ["mbox", "mhtml", "text", "html", ...others] };
  return known > 0 ? { content: "text", open: ["email", "mbox", ...others] } : null;
}
