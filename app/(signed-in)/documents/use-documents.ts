"use client";

import { useEffect, useMemo, useState } from "react";
import { callApi } from "#app/call-api.ts";
import { documentListSchema } from "#lib/documents/schema.ts";
import { createFeed, type Shown } from "./create-feed.ts";
import { isInWork } from "./format.ts";
import type { Filter } from "./use-filter.ts";
import { usePolling } from "./use-polling.ts";

/** What has not come by then does not come: the next question must not wait for it. */
const timeoutMs = 30_000;

/** The user's documents that fit the filter, asked for again and again while the tab is seen. */
export function useDocuments({ status, q }: Filter) {
  const [{ list, problem }, setShown] = useState<Shown>({ list: null, problem: null });
  const feed = useMemo(() => {
    const filter = { ...(status && { status }), ...(q && { q }) };
    return createFeed((query) =>
      callApi(documentListSchema, `/api/documents?${new URLSearchParams({ ...filter, ...query })}`, {
        signal: AbortSignal.timeout(timeoutMs),
      }),
    );
  }, [status, q]);
  useEffect(() => feed.listen(setShown), [feed]);
  usePolling(feed.refresh, list?.documents.some(isInWork) ?? true);
  return { list, problem, refresh: feed.refresh, showMore: list?.nextCursor ? feed.showMore : null };
}
