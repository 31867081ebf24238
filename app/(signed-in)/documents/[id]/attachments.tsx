import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import type { DocumentView } from "#lib/documents/schema.ts";
import { StatusBadge } from "../document-state.tsx";

/** The files that came with a document: each a document of its own, or why it is none. */
export function Attachments({ attachments }: Pick<DocumentView, "attachments">) {
  if (attachments.length === 0) return null;
  return (
    <section className="stack" aria-label="Attachments">
      <h2>Attachments</h2>
      <ul className="list">
        {attachments.map(({ documentId, fileName, status, reason }, position) => (
          <li key={`${position} ${fileName}`} className="row small">
            {documentId ? (
              <ScreenLink href={`/documents/${documentId}`}>{fileName}</ScreenLink>
            ) : (
              <span>{fileName}</span>
            )}
            {status && <StatusBadge status={status} />}
            {reason && <span className="muted">{reason}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
