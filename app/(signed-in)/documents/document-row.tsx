import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import type { DocumentView } from "#lib/documents/schema.ts";
import { DocumentActions } from "./document-actions.tsx";
import { DocumentState, StatusBadge } from "./document-state.tsx";
import { formatBytes, formatCount, formatTime, typeName } from "./format.ts";

export function DocumentRow({ document, onChanged }: { document: DocumentView; onChanged: () => Promise<void> }) {
  const { id, title, fileName, mediaType, sizeBytes, createdAt, chunkCount, pageCount, status, parentId } = document;
  const facts = [
    typeName(mediaType),
    parentId ? "came with an e-mail" : null,
    formatBytes(sizeBytes),
    pageCount ? formatCount(pageCount, "page") : null,
    chunkCount ? formatCount(chunkCount, "passage") : null,
    formatTime(createdAt),
  ].filter((fact) => fact !== null);
  return (
    <li className="card stack" data-document={fileName}>
      <div className="row spread">
        <div className="row">
          <ScreenLink href={`/documents/${id}`} title={fileName}>
            <strong>{title}</strong>
          </ScreenLink>
          <StatusBadge status={status} />
        </div>
        <DocumentActions document={document} onChanged={onChanged} onDeleted={onChanged} />
      </div>
      <p className="muted small">{facts.join(" · ")}</p>
      <DocumentState document={document} />
    </li>
  );
}
