"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Citation } from "#app/(signed-in)/citation.tsx";
import { FailureNotice } from "#app/(signed-in)/failure-notice.tsx";
import { Passage } from "#app/(signed-in)/passage.tsx";
import { wordsOf } from "#app/(signed-in)/query-words.ts";
import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import { callApi, type Problem } from "#app/call-api.ts";
import { type SearchResult, searchAnswerSchema } from "#lib/search/schema.ts";
import { formatCount } from "../documents/format.ts";
import { NothingFound } from "./nothing-found.tsx";

/** The query stands in the address, so that a search can be shared and gone back to. */
export function SearchScreen() {
  const router = useRouter();
  const query = useSearchParams().get("q") ?? "";
  const [text, setText] = useState(query);
  const { results, problem } = useSearch(query);
  const words = wordsOf(query);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <main className="page">
      <h1>Search</h1>
      <search>
        <form
          className="row"
          style={{ flexWrap: "nowrap" }}
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) router.push(`/search?q=${encodeURIComponent(text.trim())}`);
          }}
        >
          <input
            type="search"
            ref={input}
            aria-label="Question or words"
            placeholder="Ask a question, or give some words"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="submit" className="primary">
            Search
          </button>
        </form>
      </search>
      <div className="stack">
        <div className="stack" aria-live="polite">
          {!query && (
            <p className="muted">
              Answers come from your own documents only, each with its document, page and heading.
            </p>
          )}
          {problem && <FailureNotice failure={problem} />}
          {query && !results && !problem && <p className="muted">Searching…</p>}
          {results?.length === 0 && <NothingFound />}
          {results && results.length > 0 && <p className="visually-hidden">{formatCount(results.length, "passage")}</p>}
          {results && words && isFarFetched(results, words) && (
            <p className="muted">None of your words is in these passages; they come nearest in meaning.</p>
          )}
        </div>
        <ol className="list" aria-label="Results">
          {results?.map((result) => (
            <li key={result.chunkId} className="card stack">
              <p className="small">
                <ScreenLink
                  href={`/documents/${result.documentId}?chunk=${result.chunkId}&q=${encodeURIComponent(query)}`}
                >
                  <Citation {...result} />
                </ScreenLink>
              </p>
              <Passage {...result} words={words} isCut />
            </li>
          ))}
        </ol>
      </div>
    </main>
  );
}

/** Whether there are passages, and not one has a word of the query: they may have little to do with it. */
function isFarFetched(results: SearchResult[], words: RegExp): boolean {
  const hasWord = ({ title, headingPath, content }: SearchResult) =>
    words.test([title, ...headingPath, content].join("\n"));
  return results.length > 0 && !results.some(hasWord);
}

function useSearch(query: string) {
  const [answer, setAnswer] = useState<{ results: SearchResult[] | null; problem: Problem | null }>({
    results: null,
    problem: null,
  });
  useEffect(() => {
    setAnswer({ results: null, problem: null });
    if (!query) return;
    let isOver = false;
    void callApi(searchAnswerSchema, `/api/search?q=${encodeURIComponent(query)}`).then(({ value, problem }) => {
      if (!isOver) setAnswer({ results: value?.results ?? null, problem });
    });
    return () => {
      isOver = true;
    };
  }, [query]);
  return answer;
}
