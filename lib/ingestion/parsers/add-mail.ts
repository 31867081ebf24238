import type { DocumentBuilder, DraftBlock } from "#lib/ingestion/build-document.ts";
import { listAttachments } from "#lib/ingestion/parsers/list-attachments.ts";
import { mergeBodies } from "#lib/ingestion/parsers/merge-bodies.ts";
import type { Mail } from "#lib/ingestion/parsers/read-mail.ts";

/** More names than these say nothing more. */
const mostNames = 1000;

/** Adds a mail: its headers with the names of its attachments, then its body. Answers how many attachments it has. */
export function addMail(builder: DocumentBuilder, mail: Mail, under = 0): number {
  const attachments = listAttachments(mail);
  const fields = [...mail.fields];
  if (attachments.length > 0) fields.push(["Attachments", nameAll(attachments.map(({ name }) => name))]);
  builder.add({ kind: "form", text: fields.map(([name, value]) => `${name}: ${value}`).join("\n") });
  for (const block of mergeBodies(mail)) builder.add(under > 0 ? lower(block, under) : block);
  return attachments.length;
}

function nameAll(names: string[]): string {
  const more = names.length > mostNames ? [`${names.length - mostNames} more`] : [];
  return [...names.slice(0, mostNames), ...more].join(", ");
}

/** The headings of a mail under those above it. */
function lower(block: DraftBlock, under: number): DraftBlock {
  return block.kind === "heading" ? { ...block, level: (block.level ?? 1) + under } : block;
}
