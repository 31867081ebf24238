"use client";

import { useCallback, useRef, useState } from "react";
import { callApi, type Problem } from "#app/call-api.ts";
import { type DocumentList, type DocumentStatus, documentListSchema } from "#lib/documents/schema.ts";
import { isInWork } from "./format.ts";
import { usePolling } from "./use-polling.ts";

const pageSize = 50;

interface Filter {
  status: DocumentStatus | "";
  q: string;
}

/** The user's documents, asked for again and again while the tab is seen. */
export function useDocuments({ status, q }: Filter) {
  const [list, setList] = useState<DocumentList | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [limit, setLimit] = useState(pageSize);
  const asked = useRef(0);

  const refresh = useCallback(async () => {
    asked.current += 1;
    const turn = asked.current;
    const query = new URLSearchParams({ limit: String(limit) });
    if (status) query.set("status", status);
    if (q) query.set("q", q);
    const answer = await callApi(documentListSchema, `/api/documents?${query}`);
    // A later question was asked meanwhile: its answer is the one to show.
    if (turn !== asked.current) return;
    setProblem(answer.problem);
    if (answer.value) setList(answer.value);
  }, [status, q, limit]);

  usePolling(refresh, list?.documents.some(isInWork) ?? true);

  const showMore = list?.nextCursor && limit < 100 ? () => setLimit(100) : null;
  return { list, problem, refresh, showMore };
}
