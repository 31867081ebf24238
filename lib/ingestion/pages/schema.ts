/** A line of a page. */
export interface PageLine {
  text: string;
  /** The baseline's distance from the top of the page, in points. */
  y: number;
  /** The size of its letters, in points; 0 when unknown. */
  size: number;
}

/**
 * What the text layer of a page is worth: `sparse` has a few letters beside an image, `garbled` letters without meaning, `none`
 * nothing; `failed` could not be read.
 */
export type PageState = "text" | "sparse" | "garbled" | "none" | "failed";

/** A page as its parser read it, before what is known of the whole document is applied to it. */
export interface PageRecord {
  /** 1-based. */
  number: number;
  /** In points. */
  height: number;
  lines: PageLine[];
  /** What is filled into its fields or written over it. */
  form: string;
  state: PageState;
}

/** An entry of an outline, with the place that it points to. */
export interface OutlineTarget {
  title: string;
  level: number;
  page: number;
  /** The distance from the top of the page, null when the outline names the page only. */
  y: number | null;
}

/** What a paged file tells of itself before its pages are read. */
export interface PagedHead {
  pages: number;
  title: string | null;
  labels: string[];
  outline: OutlineTarget[];
  /** Whether its end is there. */
  isWhole: boolean;
}

/** What was recognised in the image of a page. `confidence` is 0 to 100; a page on which nothing is drawn is blank. */
export interface RecognisedPage {
  text: string;
  confidence: number;
  isBlank: boolean;
}

/** What is known of the pages that were looked at; what it says of all of them decides how each is written. */
export interface Survey {
  /** How many pages have a line of this text, but for its numbers, at their edge. */
  edges: Map<string, number>;
  pagesWithText: number;
  /** Letters by the size that they have, in points. */
  letters: Map<number, number>;
  /** The sizes of lines that may be headings. */
  headingSizes: Set<number>;
  states: Map<number, PageState>;
  /** The pages that have something filled in. */
  filledIn: Set<number>;
}
