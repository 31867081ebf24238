"use client";

import { useCallback, useState } from "react";
import { z } from "zod";
import { callApi, type Problem } from "#app/call-api.ts";
import { type DocumentView, documentViewSchema, type EventView, eventListSchema } from "#lib/documents/schema.ts";
import { isInWork } from "../format.ts";
import { usePolling } from "../use-polling.ts";

const documentSchema = z.object({ document: documentViewSchema });

/** A document with its timeline, asked for again and again: often while it, or what came with it, is in work. */
export function useDocument(id: string) {
  const [document, setDocument] = useState<DocumentView | null>(null);
  const [events, setEvents] = useState<EventView[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const path = `/api/documents/${id}`;

  const refresh = useCallback(async () => {
    const [found, told] = await Promise.all([
      callApi(documentSchema, path),
      callApi(eventListSchema, `${path}/events`),
    ]);
    setProblem(found.problem);
    if (found.value) setDocument(found.value.document);
    if (told.value) setEvents(told.value.events);
  }, [path]);

  usePolling(refresh, document ? [document, ...document.attachments].some(isInWork) : false);
  return { document, events, problem, refresh };
}
