/** How old a left-over must be to count as one: a row follows its object within the same request, and no request takes so long. */
export const orphanSeconds = 3600;
