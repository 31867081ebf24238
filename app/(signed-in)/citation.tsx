interface Source {
  title?: string;
  pageFrom: number | null;
  pageTo: number | null;
  headingPath: string[];
}

/** Where a passage stands: document, pages, headings. */
export function Citation({ title, pageFrom, pageTo, headingPath }: Source) {
  const pages =
    pageFrom === null
      ? null
      : pageTo === null || pageTo === pageFrom
        ? `page ${pageFrom}`
        : `pages ${pageFrom}–${pageTo}`;
  const parts = [title, pages, headingPath.join(" › ")].filter(Boolean);
  return <cite style={{ fontStyle: "normal" }}>{parts.length > 0 ? parts.join(" · ") : "From the beginning"}</cite>;
}
