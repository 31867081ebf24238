"use client";

import { useEffect } from "react";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { DocumentFilter } from "./document-filter.tsx";
import { DocumentList } from "./document-list.tsx";
import { FailedDocuments } from "./failed-documents.tsx";
import { UploadArea } from "./upload-area.tsx";
import { UploadList } from "./upload-list.tsx";
import { useDocuments } from "./use-documents.ts";
import { useFilter } from "./use-filter.ts";
import { useUploads } from "./use-uploads.ts";

export function DocumentsScreen() {
  const { filter, setFilter } = useFilter();
  const { list, problem, refresh, showMore } = useDocuments(filter);
  const { queue, uploads } = useUploads();
  useEffect(() => queue.watchAccepted(() => void refresh()), [queue, refresh]);
  const total = list ? Object.values(list.counts).reduce((sum, count) => sum + count, 0) : 0;
  return (
    <main className="page">
      <div className="stack">
        <h1 tabIndex={-1}>Documents</h1>
        <p className="muted">
          Every file here becomes passages that can be searched, with page and heading as the source.
        </p>
      </div>
      <UploadArea />
      <UploadList />
      {problem && <FailureNotice failure={problem} isAlert />}
      {list && total > 0 && <DocumentFilter filter={filter} counts={list.counts} total={total} onChange={setFilter} />}
      <FailedDocuments
        count={list?.counts.error ?? 0}
        worthReprocessing={list?.worthReprocessing ?? 0}
        onQueued={refresh}
        isShown={filter.status === "error"}
        onShow={(isWanted) => setFilter({ status: isWanted ? "error" : "", q: "" })}
      />
      {list === null && !problem && <p className="muted">Loading…</p>}
      {list && total === 0 && uploads.length === 0 && (
        <p className="muted">
          Nothing here yet. Drop in a file to begin: it is read, cut into passages and searchable within moments.
        </p>
      )}
      {list && total > 0 && list.documents.length === 0 && <p className="muted">No document fits this filter.</p>}
      <DocumentList documents={list?.documents ?? []} refresh={refresh} showMore={showMore} />
    </main>
  );
}
