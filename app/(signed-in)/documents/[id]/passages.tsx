"use client";

import { useEffect, useLayoutEffect, useRef } from "react";
import { Citation } from "#app/(signed-in)/citation.tsx";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { Passage } from "#app/(signed-in)/passage.tsx";
import { wordsOf } from "#app/(signed-in)/query-words.ts";
import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import type { DocumentView } from "#lib/documents/schema.ts";
import { formatCount } from "../format.ts";
import styles from "./passages.module.css";
import { useChunks } from "./use-chunks.ts";

interface Props {
  document: DocumentView;
  /** The passage that is gone to and marked, and in it the words of `query`. */
  wanted: string | null;
  query: string;
}

/** What is searchable of a document now, in its own order. */
export function Passages({ document, wanted, query }: Props) {
  const version = `${document.status} ${document.chunkCount} ${document.isRolledBack}`;
  const { chunks, problem, showEarlier, showMore } = useChunks(document.id, version, wanted);
  const isThere = chunks?.some((chunk) => chunk.id === wanted) ?? false;
  useEffect(() => {
    if (!isThere || !wanted) return;
    const passage = window.document.getElementById(wanted);
    passage?.focus({ preventScroll: true });
    passage?.scrollIntoView({ block: "start" });
  }, [isThere, wanted]);

  const first = chunks?.[0]?.id ?? null;
  const formerFirst = useRef<string | null>(null);
  // Earlier passages come above what is being read, which is to stay where it can be read.
  useLayoutEffect(() => {
    if (!formerFirst.current || formerFirst.current === first) return;
    window.document.getElementById(formerFirst.current)?.scrollIntoView({ block: "start" });
    formerFirst.current = null;
  }, [first]);

  return (
    <section className="stack" aria-label="Passages">
      <h2>Passages</h2>
      {problem && <FailureNotice failure={problem} isAlert />}
      {!chunks && !problem && <p className="muted">Loading…</p>}
      {chunks?.length === 0 && <p className="muted">Nothing of this document is searchable yet.</p>}
      {chunks && chunks.length > 0 && wanted && !isThere && (
        <p className="notice" data-kind="warn" role="status">
          This passage is no longer in the document; it was read anew since.
        </p>
      )}
      {showEarlier && (
        <p className="row">
          <button
            type="button"
            onClick={() => {
              formerFirst.current = first;
              showEarlier();
            }}
          >
            Show earlier passages
          </button>
          <ScreenLink href={`/documents/${document.id}`} className="small">
            From the beginning
          </ScreenLink>
        </p>
      )}
      <ol className="list">
        {chunks?.map((chunk) => {
          const isWanted = chunk.id === wanted;
          return (
            <li
              key={chunk.id}
              id={chunk.id}
              className={`card stack ${styles.passage}`}
              data-wanted={isWanted}
              tabIndex={isWanted ? -1 : undefined}
            >
              <p className="muted small">
                <Citation {...chunk} count={document.chunkCount} /> · {formatCount(chunk.tokenCount, "token")}
              </p>
              <Passage
                content={chunk.content}
                fileName={document.fileName}
                words={isWanted && query ? wordsOf(query) : null}
              />
            </li>
          );
        })}
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
