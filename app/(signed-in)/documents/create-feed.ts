import type { Problem } from "#app/call-api.ts";
import type { DocumentList, DocumentView } from "#lib/documents/schema.ts";
import { oneAtATime } from "./one-at-a-time.ts";

const pageSize = 50;
/** As many as the API answers with at once. */
const most = 100;

export interface Shown {
  list: DocumentList | null;
  problem: Problem | null;
}

type Answer = { value: DocumentList; problem: null } | { value: null; problem: Problem };
type Ask = (query: Record<string, string>) => Promise<Answer>;

/**
 * A list of documents that can be made longer. A refresh asks for the newest page; of the older ones, each loaded once, only for the
 * documents that may be different by now. One thing at a time, so that no answer is older than what is shown.
 */
export function createFeed(ask: Ask) {
  let list: DocumentList | null = null;
  let isLong = false;
  let wantsMore = false;
  let changed = new Set<string>();
  let show: (shown: Shown) => void = () => undefined;

  const update = oneAtATime(async () => {
    const known = isLong && list ? list : null;
    const newest = await askNewest(ask, known?.documents[0]);
    if (!newest.value) return show({ list, problem: newest.problem });
    const { documents, nextCursor } = newest.value;
    const older = nextCursor && known ? known.documents.filter((document) => isOlder(document, documents.at(-1))) : [];
    const asked = changed;
    changed = new Set();
    const renewed = await renew(ask, older, (document) => asked.has(document.id) || mayChange(document));
    list = {
      ...newest.value,
      documents: [...documents, ...renewed.documents],
      nextCursor: known && older.length > 0 ? known.nextCursor : nextCursor,
    };
    let { problem } = renewed;
    if (wantsMore && list.nextCursor) {
      const page = await ask({ cursor: list.nextCursor, limit: String(pageSize) });
      if (page.value) list = { ...page.value, documents: [...list.documents, ...page.value.documents] };
      problem = page.problem;
    }
    wantsMore = false;
    show({ list, problem });
  });

  return {
    /** Whoever listens is shown every answer from then on, until the function that comes back is called. */
    listen(listener: (shown: Shown) => void) {
      show = listener;
      return () => {
        show = () => undefined;
      };
    },
    /** Asks anew; `id` is a document that is different now. */
    refresh(id?: string) {
      if (id) changed.add(id);
      return update();
    },
    showMore() {
      isLong = true;
      wantsMore = true;
      return update();
    },
  };
}

/** The newest documents: a page, and on until the newest one that is known, lest some be missing between. */
async function askNewest(ask: Ask, known: DocumentView | undefined): Promise<Answer> {
  let answer = await ask({ limit: String(pageSize) });
  while (known && answer.value?.nextCursor && isOlder(known, answer.value.documents.at(-1))) {
    const { documents, nextCursor } = answer.value;
    const page = await ask({ cursor: nextCursor, limit: String(most) });
    if (!page.value) return page;
    answer = { ...page, value: { ...page.value, documents: [...documents, ...page.value.documents] } };
  }
  return answer;
}

/** The documents as they are now, without those that are gone. Of those that are due the oldest are asked for: work on them begins first. */
async function renew(ask: Ask, documents: DocumentView[], isDue: (document: DocumentView) => boolean) {
  const due = new Set(
    documents
      .filter(isDue)
      .slice(-most)
      .map(({ id }) => id),
  );
  if (due.size === 0) return { documents, problem: null };
  const { value, problem } = await ask({ ids: [...due].join(","), limit: String(most) });
  if (!value) return { documents, problem };
  const found = new Map(value.documents.map((document) => [document.id, document]));
  const renewed = documents.flatMap((document) => (due.has(document.id) ? (found.get(document.id) ?? []) : document));
  return { documents: renewed, problem: null };
}

/** Whether it stands below the other in the list. Times are of one form and zone, and compare as text. */
function isOlder(document: DocumentView, other: DocumentView | undefined): boolean {
  if (!other) return false;
  const { createdAt, id } = document;
  return createdAt < other.createdAt || (createdAt === other.createdAt && id < other.id);
}

/** Without the user: what is in work goes on, and what failed may be taken up again. */
function mayChange({ status }: DocumentView): boolean {
  return status !== "ready" && status !== "cancelled";
}
