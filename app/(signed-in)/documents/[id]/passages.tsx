"use client";

import { useEffect } from "react";
import { Citation } from "#app/(signed-in)/citation.tsx";
import { Passage } from "#app/(signed-in)/passage.tsx";
import type { DocumentView } from "#lib/documents/schema.ts";
import { formatCount } from "../format.ts";
import styles from "./passages.module.css";
import { useChunks } from "./use-document.ts";

/** What is searchable of a document now, in its own order. `wanted` is scrolled to and marked. */
export function Passages({ document, wanted }: { document: DocumentView; wanted: string | null }) {
  const { chunks, showMore } = useChunks(document.id, `${document.status} ${document.chunkCount}`, wanted);
  const isThere = chunks.some((chunk) => chunk.id === wanted);
  useEffect(() => {
    if (isThere && wanted) window.document.getElementById(wanted)?.scrollIntoView({ block: "start" });
  }, [isThere, wanted]);
  return (
    <section className="stack" aria-label="Passages">
      <h2>Passages</h2>
      {chunks.length === 0 && <p className="muted">Nothing of this document is searchable yet.</p>}
      <ol className="list">
        {chunks.map((chunk) => (
          <li key={chunk.id} id={chunk.id} className={`card stack ${styles.passage}`} data-wanted={chunk.id === wanted}>
            <p className="muted small">
              <Citation {...chunk} /> · {formatCount(chunk.tokenCount, "token")}
            </p>
            <Passage content={chunk.content} fileName={document.fileName} />
          </li>
        ))}
      </ol>
      {showMore && (
        <p>
          <button type="button" onClick={showMore}>
            Show more passages
          </button>
        </p>
      )}
    </section>
  );
}
