"use client";

import { useEffect, useRef } from "react";
import type { DocumentView } from "#lib/documents/schema.ts";
import { DocumentRow } from "./document-row.tsx";

interface Props {
  documents: DocumentView[];
  refresh: (id?: string) => Promise<void>;
  /** Null when all are there. */
  showMore: (() => Promise<void>) | null;
}

/** The documents. The focus goes on where the work does: with "Show more" to the first new one, and from one that is deleted to the next. */
export function DocumentList({ documents, refresh, showMore }: Props) {
  const list = useRef<HTMLUListElement>(null);
  /** Finds what is to have the focus, once that is there. */
  const heir = useRef<(() => Element | null | undefined) | null>(null);
  useEffect(() => {
    const found = heir.current?.();
    if (!found) return;
    heir.current = null;
    const target = found.querySelector("a") ?? found;
    if (target instanceof HTMLElement) target.focus();
  });
  const lengthen = () => {
    const last = list.current?.lastElementChild;
    heir.current = () => last?.nextElementSibling;
    void showMore?.();
  };
  const remove = (index: number, id: string) => {
    const [row, ...below] = [...(list.current?.children ?? [])].slice(index);
    const heading = list.current?.closest("main")?.querySelector("h1");
    heir.current = () =>
      row?.isConnected ? null : (below.find((next) => next.isConnected) ?? list.current?.lastElementChild ?? heading);
    return refresh(id);
  };
  return (
    <>
      <ul ref={list} className="list" aria-label="Documents">
        {documents.map((document, index) => (
          <DocumentRow
            key={document.id}
            document={document}
            onChanged={() => refresh(document.id)}
            onDeleted={() => remove(index, document.id)}
          />
        ))}
      </ul>
      {showMore && (
        <p>
          <button type="button" onClick={lengthen}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}
