"use client";

import { useSearchParams } from "next/navigation";
import { type DocumentStatus, documentStatuses } from "#lib/documents/schema.ts";

export interface Filter {
  status: DocumentStatus | "";
  q: string;
}

/** Which documents are shown. It stands in the address, so that it is there again after Back and reload. */
export function useFilter() {
  const address = useSearchParams();
  const filter: Filter = {
    status: documentStatuses.find((known) => known === address.get("status")) ?? "",
    q: address.get("q")?.trim() ?? "",
  };
  return { filter, setFilter };
}

function setFilter(changes: Partial<Filter>): void {
  // Not what the hook answered with: while somebody types, that lags behind.
  const query = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  window.history.replaceState(null, "", query.size > 0 ? `?${query}` : window.location.pathname);
}
