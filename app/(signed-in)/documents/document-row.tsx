import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import type { DocumentView } from "#lib/documents/schema.ts";
import { DocumentActions } from "./document-actions.tsx";
import { DocumentState, StatusBadge } from "./document-state.tsx";
import { formatBytes, formatCount, formatTime, typeName } from "./format.ts";

interface Props {
  document: DocumentView;
  onChanged: () => Promise<void>;
  onDeleted: () => Promise<void>;
}

export function DocumentRow({ document, onChanged, onDeleted }: Props) {
  const { id, title, fileName, mediaType, sizeBytes, createdAt, chunkCount, pageCount, status, parentId } = document;
  const facts = [
    isNamedAs(title, fileName) ? null : fileName,
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
        <DocumentActions document={document} onChanged={onChanged} onDeleted={onDeleted} />
      </div>
      <p className="muted small" style={{ overflowWrap: "anywhere" }}>
        {facts.join(" · ")}
      </p>
      <DocumentState document={document} />
    </li>
  );
}

/** Whether the title is the name of the file, with or without its ending. */
function isNamedAs(title: string, fileName: string): boolean {
  return title === fileName || title === fileName.replace(/\.[^.]+$/, "");
}
