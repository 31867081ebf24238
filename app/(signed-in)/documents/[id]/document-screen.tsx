"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import type { DocumentView } from "#lib/documents/schema.ts";
import { DocumentActions } from "../document-actions.tsx";
import { DocumentState, StatusBadge } from "../document-state.tsx";
import { describeCoverage, formatBytes, formatCount, formatTime, languageName, typeName } from "../format.ts";
import { Attachments } from "./attachments.tsx";
import { Passages } from "./passages.tsx";
import { Timeline } from "./timeline.tsx";
import { useDocument } from "./use-document.ts";

export function DocumentScreen({ id }: { id: string }) {
  const router = useRouter();
  const { document, events, problem, refresh } = useDocument(id);
  if (!document) {
    return (
      <main className="page">
        {problem ? <FailureNotice failure={problem} /> : <p className="muted">Loading…</p>}
        <p>
          <ScreenLink href="/documents">To the documents</ScreenLink>
        </p>
      </main>
    );
  }
  return (
    <main className="page">
      <div className="stack">
        <p className="small">
          <ScreenLink href="/documents">Documents</ScreenLink>
          {document.parentId && (
            <>
              {" · "}
              <ScreenLink href={`/documents/${document.parentId}`}>The e-mail it came with</ScreenLink>
            </>
          )}
        </p>
        <div className="row">
          <h1>{document.title}</h1>
          <StatusBadge status={document.status} />
        </div>
        <Facts document={document} />
        <div className="row">
          <a className="button" href={`/api/documents/${id}/file`}>
            Download the original
          </a>
          <DocumentActions document={document} onChanged={refresh} onDeleted={() => router.push("/documents")} />
        </div>
        <DocumentState document={document} />
      </div>
      <Attachments attachments={document.attachments} />
      <Timeline events={events} />
      <Suspense>
        <FoundPassages document={document} />
      </Suspense>
    </main>
  );
}

function FoundPassages({ document }: { document: DocumentView }) {
  const address = useSearchParams();
  return <Passages document={document} wanted={address.get("chunk")} query={address.get("q") ?? ""} />;
}

function Facts({ document }: { document: DocumentView }) {
  const { fileName, mediaType, sizeBytes, pageCount, language, chunkCount, createdAt, coverage } = document;
  const facts = [
    fileName,
    typeName(mediaType),
    formatBytes(sizeBytes),
    pageCount && !coverage ? formatCount(pageCount, "page") : null,
    ...(coverage ? describeCoverage(coverage) : []),
    language ? languageName(language) : null,
    formatCount(chunkCount, "passage"),
    formatTime(createdAt),
    ...(document.servesNewest ? describeUsage(document.usage) : []),
  ];
  return <p className="muted small">{facts.filter((fact) => fact !== null).join(" · ")}</p>;
}

function describeUsage({ inputs, tokens, requests, reusedChunks }: DocumentView["usage"]): string[] {
  const paid = `${formatCount(inputs, "passage")} (${formatCount(tokens, "token")}) embedded in ${formatCount(requests, "request")}`;
  return reusedChunks > 0 ? [paid, `${formatCount(reusedChunks, "passage")} reused at no cost`] : [paid];
}
