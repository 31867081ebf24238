"use client";

import { useEffect, useRef } from "react";
import { type DocumentList, documentStatuses } from "#lib/documents/schema.ts";
import { formatNumber, statusNames } from "./format.ts";
import type { Filter } from "./use-filter.ts";

interface Props {
  filter: Filter;
  counts: DocumentList["counts"];
  total: number;
  onChange: (changes: Partial<Filter>) => void;
}

/** Finds documents by name and by status. */
export function DocumentFilter({ filter: { status, q }, counts, total, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null);
  // Whoever types is ahead of the address; otherwise it says what is to be seen.
  useEffect(() => {
    if (input.current && input.current !== document.activeElement) input.current.value = q;
  }, [q]);
  return (
    <div className="row" style={{ flexWrap: "nowrap" }}>
      <input
        type="search"
        ref={input}
        aria-label="Find a document by name"
        placeholder="Find by name"
        maxLength={200}
        defaultValue={q}
        onChange={(event) => onChange({ q: event.target.value.trim() })}
      />
      <select
        aria-label="Show"
        style={{ width: "auto", flex: "none" }}
        value={status}
        onChange={(event) => onChange({ status: documentStatuses.find((known) => known === event.target.value) ?? "" })}
      >
        <option value="">All ({formatNumber(total)})</option>
        {documentStatuses.map((known) => (
          <option key={known} value={known}>
            {statusNames[known]} ({formatNumber(counts[known] ?? 0)})
          </option>
        ))}
      </select>
    </div>
  );
}
