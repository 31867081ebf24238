"use client";

import { useDeferredValue, useState } from "react";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { type DocumentStatus, documentStatuses } from "#lib/documents/schema.ts";
import { DocumentRow } from "./document-row.tsx";
import { FailedDocuments } from "./failed-documents.tsx";
import { statusNames } from "./format.ts";
import { UploadArea } from "./upload-area.tsx";
import { UploadList } from "./upload-list.tsx";
import { useDocuments } from "./use-documents.ts";
import { useUploads } from "./use-uploads.ts";

export function DocumentsScreen() {
  const [status, setStatus] = useState<DocumentStatus | "">("");
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const { list, problem, refresh, showMore } = useDocuments({ status, q });
  const { uploads, add, dismiss, retry } = useUploads(refresh);
  const total = list ? Object.values(list.counts).reduce((sum, count) => sum + count, 0) : 0;
  return (
    <main className="page">
      <div className="stack">
        <h1>Documents</h1>
        <p className="muted">
          Every file here becomes passages that can be searched, with page and heading as the source.
        </p>
      </div>
      <UploadArea onFiles={add} />
      <UploadList uploads={uploads} onRetry={retry} onDismiss={dismiss} />
      {problem && <FailureNotice failure={problem} isAlert />}
      {total > 0 && (
        <div className="row" style={{ flexWrap: "nowrap" }}>
          <input
            type="search"
            aria-label="Find a document by name"
            placeholder="Find by name"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <select
            aria-label="Show"
            style={{ width: "auto" }}
            value={status}
            onChange={(event) => setStatus(documentStatuses.find((known) => known === event.target.value) ?? "")}
          >
            <option value="">All ({total})</option>
            {documentStatuses.map((known) => (
              <option key={known} value={known}>
                {statusNames[known]} ({list?.counts[known] ?? 0})
              </option>
            ))}
          </select>
        </div>
      )}
      <FailedDocuments count={list?.counts.error ?? 0} onQueued={refresh} />
      {list === null && !problem && <p className="muted">Loading…</p>}
      {list && total === 0 && uploads.length === 0 && (
        <p className="muted">
          Nothing here yet. Drop in a file to begin: it is read, cut into passages and searchable within moments.
        </p>
      )}
      {list && total > 0 && list.documents.length === 0 && <p className="muted">No document fits this filter.</p>}
      <ul className="list" aria-label="Documents">
        {list?.documents.map((document) => (
          <DocumentRow key={document.id} document={document} onChanged={refresh} />
        ))}
      </ul>
      {showMore && (
        <p>
          <button type="button" onClick={showMore}>
            Show more
          </button>
        </p>
      )}
      {list?.nextCursor && !showMore && <p className="muted small">These are the newest; find older ones by name.</p>}
    </main>
  );
}
