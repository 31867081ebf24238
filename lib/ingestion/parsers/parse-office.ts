import { type OfficeIssue, OfficeParser, type OfficeParserAST } from "officeparser";
import { Failure, type FailureCode } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { checkZip, mostMembers, mostUnpackedBytes } from "#lib/ingestion/parsers/check-zip.ts";
import { readOffice } from "#lib/ingestion/parsers/read-office.ts";
import { spellRtf } from "#lib/ingestion/parsers/spell-rtf.ts";
import type { Warning } from "#lib/ingestion/schema.ts";

const partial: Warning = {
  code: "file_recovered",
  message: "A part of the file is missing, damaged or too large; what could be read of it is there.",
};

type OfficeType = "docx" | "pptx" | "odt" | "odp" | "rtf";

/** Parsers of documents and slides. Heads, feet and review comments are left out; a slide is a page. */
export function parseOffice(fileType: OfficeType): Parser {
  return async ({ bytes }, { maxCharacters }) => {
    // A password makes a compound file of it, which begins otherwise than an archive.
    if (bytes[0] === 0xd0 && bytes[1] === 0xcf) throw new Failure("file_encrypted");
    if (fileType !== "rtf") checkZip(bytes);
    let isPartial = false;
    const ast = await readTree(bytes, fileType, ({ code }) => {
      isPartial ||= /_NOT_READ$|LIMIT_EXCEEDED$/.test(code);
    });
    const builder = createDocumentBuilder({ maxCharacters });
    readOffice(ast.content, builder);
    return builder.finish({ title: ast.metadata.title, warnings: isPartial ? [partial] : [] });
  };
}

async function readTree(
  bytes: Uint8Array,
  fileType: OfficeType,
  onWarning: (issue: OfficeIssue) => void,
): Promise<OfficeParserAST> {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return await OfficeParser.parseOffice(fileType === "rtf" ? spellRtf(bytes) : buffer, {
      fileType,
      ignoreComments: true,
      ignoreHeadersAndFooters: true,
      ignoreInternalLinks: true,
      ignorePageGeometry: true,
      // It goes by the members' own headers, which may say otherwise than the directory that was checked.
      decompressionLimits: { maxUncompressedBytes: mostUnpackedBytes, maxZipEntries: mostMembers },
      onWarning,
    });
  } catch (thrown) {
    throw new Failure(chooseCode(thrown), { cause: thrown });
  }
}

function chooseCode(thrown: unknown): FailureCode {
  const { officeIssue } = thrown as { officeIssue?: { code?: string } };
  if (/PASSWORD|ENCRYPT/.test(officeIssue?.code ?? "")) return "file_encrypted";
  return /LIMIT_EXCEEDED|NESTING|TOO_LARGE/.test(officeIssue?.code ?? "") ? "file_too_complex" : "file_corrupt";
}
