"use client";

import { useEffect, useState } from "react";
import { z } from "zod";
import { callApi, type Problem } from "#app/call-api.ts";
import { type ChunkList, chunkListSchema } from "#lib/documents/schema.ts";

/**
 * The passages of a document, page by page both ways, beginning around the passage `wanted`, or at the beginning where there is none;
 * read anew when `version` changes.
 */
export function useChunks(id: string, version: string, wanted: string | null) {
  const [list, setList] = useState<ChunkList | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const path = `/api/documents/${id}/chunks?limit=50`;

  useEffect(() => {
    let isOver = false;
    const isId = z.uuid().safeParse(wanted).success;
    void callApi(chunkListSchema, isId ? `${path}&around=${wanted}` : path).then((answer) => {
      if (isOver) return;
      setProblem(answer.problem);
      if (answer.value) setList(answer.value);
    });
    return () => {
      isOver = true;
    };
  }, [path, version, wanted]);

  const add = async (query: string, join: (list: ChunkList, page: ChunkList) => ChunkList) => {
    const { value: page, problem } = await callApi(chunkListSchema, `${path}&${query}`);
    setProblem(problem);
    // What was read anew meanwhile has no place for it.
    if (page) setList((now) => (now && now === list ? join(now, page) : now));
  };
  const { previousCursor = null, nextCursor = null } = list ?? {};
  return {
    chunks: list?.chunks ?? null,
    problem,
    showEarlier: previousCursor === null ? null : () => void add(`before=${previousCursor}`, joinEarlier),
    showMore: nextCursor === null ? null : () => void add(`cursor=${nextCursor}`, joinLater),
  };
}

function joinEarlier(list: ChunkList, page: ChunkList): ChunkList {
  return { ...list, chunks: [...page.chunks, ...list.chunks], previousCursor: page.previousCursor };
}

function joinLater(list: ChunkList, page: ChunkList): ChunkList {
  return { ...list, chunks: [...list.chunks, ...page.chunks], nextCursor: page.nextCursor };
}
