import { Failure } from "#lib/errors.ts";
import { type MediaType, mediaTypes } from "#lib/ingestion/schema.ts";
import { type Content, type Sniffed, sniffContent } from "#lib/ingestion/sniff-content.ts";

interface Input {
  fileName: string;
  /** The first 64 KiB of the file, or all of it. */
  head: Uint8Array;
  /** Bytes of the whole file. */
  size: number;
}

/** What is read by its content alone. */
const readable: Partial<Record<Content, MediaType>> = {
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  odt: "application/vnd.oasis.opendocument.text",
  odp: "application/vnd.oasis.opendocument.presentation",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
  rtf: "application/rtf",
  epub: "application/epub+zip",
  email: "message/rfc822",
  mbox: "application/mbox",
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
};

/** Values in rows or records: no text of these types begins with a tag. */
const dataTypes: MediaType[] = ["text/csv", "text/tab-separated-values", "application/json", "application/jsonl"];

/** What texts are by the endings of their names, for nothing in them tells. */
const texts = new Map<string, MediaType>(
  ([...dataTypes, "text/markdown", "text/x-source"] as const).flatMap((mediaType) =>
    mediaTypes[mediaType].endings.map((ending) => [ending.slice(1), mediaType] as const),
  ),
);

/** What a name's ending claims; the endings that are left out claim nothing. */
const claims = new Map<string, Content>(
  Object.entries({
    pdf: ["pdf"],
    docx: ["docx", "docm", "dotx", "dotm"],
    xlsx: ["xlsx", "xlsm", "xltx", "xltm"],
    xlsb: ["xlsb"],
    pptx: ["pptx", "pptm", "ppsx", "ppsm", "potx", "potm"],
    odt: ["odt", "ott"],
    ods: ["ods", "ots"],
    odp: ["odp", "otp"],
    epub: ["epub"],
    doc: ["doc", "dot"],
    xls: ["xls"],
    ppt: ["ppt"],
    msg: ["msg"],
    rtf: ["rtf"],
    email: ["eml"],
    mbox: ["mbox", "mbx"],
    mhtml: ["mht", "mhtml"],
    zip: ["zip", "jar"],
    archive: ["gz", "tgz", "7z", "rar", "bz2", "xz", "tar", "zst"],
    png: ["png"],
    jpeg: ["jpg", "jpeg"],
    webp: ["webp"],
    gif: ["gif"],
    image: ["tif", "tiff", "bmp", "heic", "avif", "ico", "psd"],
    media: ["mp3", "mp4", "m4a", "mov", "avi", "mkv", "webm", "wav", "ogg", "flac"],
    program: ["exe", "dll", "so", "wasm", "class"],
    database: ["sqlite", "db"],
    font: ["woff", "woff2", "ttf", "otf"],
    html: ["html", "htm", "xhtml"],
    text: ["txt", "text", "log", ...texts.keys()],
  } satisfies Partial<Record<Content, string[]>>).flatMap(([content, endings]) =>
    endings.map((ending) => [ending, content as Content] as const),
  ),
);

const spoken: Record<Content, string> = {
  pdf: "PDF",
  docx: "a Word document",
  xlsx: "an Excel workbook",
  xlsb: "a binary Excel workbook (.xlsb)",
  pptx: "a PowerPoint presentation",
  odt: "an OpenDocument text",
  ods: "an OpenDocument spreadsheet",
  odp: "an OpenDocument presentation",
  epub: "an EPUB book",
  doc: "a Word document of the old format (.doc)",
  xls: "an Excel workbook of the old format (.xls)",
  ppt: "a PowerPoint presentation of the old format (.ppt)",
  msg: "an Outlook message",
  compound: "an Office file of an old format",
  rtf: "a rich text (RTF) document",
  email: "an e-mail message",
  mbox: "a mailbox",
  mhtml: "a web page saved as MHTML",
  zip: "a ZIP archive",
  archive: "an archive",
  png: "a PNG image",
  jpeg: "a JPEG image",
  webp: "a WebP image",
  gif: "a GIF image",
  image: "an image",
  media: "sound or video",
  program: "a program",
  database: "a database",
  font: "a font",
  encrypted: "a document with a password",
  html: "HTML",
  text: "plain text",
  binary: "binary data of no known type",
};

/**
 * What a file is, by its content first and its name second. Reads nothing but its arguments.
 * Throws `file_empty`, `file_corrupt`, `file_encrypted`, `media_type_unsupported`, `media_type_mismatch`.
 */
export function detectMediaType({ fileName, head, size }: Input): MediaType {
  if (size === 0 || head.length === 0) throw new Failure("file_empty");
  const ending = /\.([^.\s]{1,10})$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const claim = claims.get(ending);
  const content = settle(sniffContent(head), claim, ending, head);

  if (content === "encrypted") throw new Failure("file_encrypted");
  if (claim && contradicts(claim, content)) {
    const detail = `The file is named .${ending} but its content is ${spoken[content]}.`;
    // What has no mark of any other type either is no file that was given a wrong name.
    const isDamaged = readable[claim] !== undefined && ["text", "binary"].includes(content);
    throw new Failure(isDamaged ? "file_corrupt" : "media_type_mismatch", { detail });
  }
  const known = readable[content];
  if (known) return known;
  if (content === "html" || claim === "html") return "text/html";
  if (content === "text") return texts.get(ending) ?? "text/plain";
  throw new Failure("media_type_unsupported", { detail: `The file is ${spoken[content]}, which cannot be read.` });
}

/** The name decides where the beginning of the content leaves it open. */
function settle({ content, open }: Sniffed, claim: Content | undefined, ending: string, head: Uint8Array): Content {
  const unclaimed = !claim || ending === "txt" || ending === "text";
  if (unclaimed && (content === "email" || content === "mbox")) return content;
  if (claim && open.includes(claim)) return claim;
  // Its directory lies beyond the first bytes; only a password makes a compound file of a new format.
  if (content === "compound" && claim && ["docx", "xlsx", "pptx"].includes(claim)) return "encrypted";
  const start = Buffer.from(head.subarray(0, 8192)).toString("latin1");
  if (content === "html" && ending === "php" && /<\?(php|=)/.test(start)) return "text";
  const isData = dataTypes.some((mediaType) => texts.get(ending) === mediaType) && /^(\xef\xbb\xbf)?\s*</.test(start);
  return (unclaimed || isData) && open.includes("html") ? "html" : content;
}

/** Text may be named as any text, and an image as any image: what it is shows when it is read. */
function contradicts(claim: Content, content: Content): boolean {
  const textual: Content[] = ["html", "text"];
  const pictorial: Content[] = ["png", "jpeg", "webp", "gif", "image"];
  const found = claim === "text" && (content === "email" || content === "mbox") ? "text" : content;
  const isSame = (kinds: Content[]) => kinds.includes(claim) && kinds.includes(found);
  return claim !== found && !isSame(textual) && !isSame(pictorial);
}
