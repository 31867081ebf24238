import { Failure } from "#lib/errors.ts";

const mostCells = 2_000_000;

/** Counts the cells of a workbook that hold something, and their characters; one too many of either throws `file_too_complex`. */
export function countCells(maxCharacters: number): (text: string) => void {
  let cells = 0;
  let characters = 0;
  return (text) => {
    cells += 1;
    characters += text.length;
    if (cells <= mostCells && characters <= maxCharacters) return;
    const detail = `The file's sheets hold more than ${mostCells} cells, or ${maxCharacters} characters.`;
    throw new Failure("file_too_complex", { detail });
  };
}
