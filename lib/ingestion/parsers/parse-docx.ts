import { OfficeParser, type OfficeParserAST } from "officeparser";
import { Failure, type FailureCode } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { checkZip } from "#lib/ingestion/parsers/check-zip.ts";
import { readOffice } from "#lib/ingestion/parsers/read-office.ts";

/** A Word document: headings, paragraphs, lists, tables and notes. Heads, feet and review comments are left out. */
export const parseDocx: Parser = async ({ bytes }, { maxCharacters }) => {
  // A password makes a compound file of it, which begins otherwise than an archive.
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf) throw new Failure("file_encrypted");
  checkZip(bytes);
  const ast = await parseOffice(bytes);
  const builder = createDocumentBuilder({ maxCharacters });
  for (const block of readOffice(ast.content)) builder.add(block);
  return builder.finish({ title: ast.metadata.title });
};

async function parseOffice(bytes: Uint8Array): Promise<OfficeParserAST> {
  try {
    return await OfficeParser.parseOffice(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      fileType: "docx",
      ignoreComments: true,
      ignoreHeadersAndFooters: true,
      ignoreInternalLinks: true,
      ignorePageGeometry: true,
    });
  } catch (thrown) {
    throw new Failure(chooseCode(thrown), { cause: thrown });
  }
}

function chooseCode(thrown: unknown): FailureCode {
  const { officeIssue } = thrown as { officeIssue?: { code?: string } };
  if (/PASSWORD/.test(officeIssue?.code ?? "")) return "file_encrypted";
  return /LIMIT_EXCEEDED|NESTING|TOO_LARGE/.test(officeIssue?.code ?? "") ? "file_too_complex" : "file_corrupt";
}
