"use client";

import { useCallback, useEffect, useState } from "react";
import { z } from "zod";
import { callApi, type Problem } from "#app/call-api.ts";
import {
  type ChunkView,
  chunkListSchema,
  type DocumentView,
  documentViewSchema,
  type EventView,
  eventListSchema,
} from "#lib/documents/schema.ts";
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

/** The passages of a document, page by page; read anew when `version` changes. With `until`, on until that passage is there. */
export function useChunks(id: string, version: string, until: string | null) {
  const [chunks, setChunks] = useState<ChunkView[]>([]);
  const [next, setNext] = useState<string | null>("0");

  const load = useCallback(
    async (cursor: string) => {
      const answer = await callApi(chunkListSchema, `/api/documents/${id}/chunks?limit=50&cursor=${cursor}`);
      if (!answer.value) return null;
      const { chunks: loaded, nextCursor } = answer.value;
      setChunks((all) => (cursor === "0" ? loaded : [...all, ...loaded]));
      setNext(nextCursor);
      return answer.value;
    },
    [id],
  );
  useEffect(() => {
    let isOver = false;
    const loadUntilFound = async () => {
      for (let cursor: string | null = "0"; cursor !== null && !isOver; ) {
        const page = await load(cursor);
        if (!until || !page || page.chunks.some((chunk) => chunk.id === until)) return;
        cursor = page.nextCursor;
      }
    };
    void loadUntilFound();
    return () => {
      isOver = true;
    };
  }, [load, version, until]);
  return { chunks, showMore: next !== null && next !== "0" ? () => void load(next) : null };
}
