/** The paragraphs of plain text: what stands between empty lines. */
export function splitParagraphs(text: string): string[] {
  return text.split(/\r?\n(?:[ \t\r]*\n)+|\r(?:[ \t]*\r)+|\f/);
}
