import { format, isDateFormat } from "numfmt";

interface NumberFormat {
  code: string;
  isDate: boolean;
}

export interface CellFormats {
  /** Formats by the number of a cell's style. */
  byStyle: (NumberFormat | undefined)[];
  /** Whether days are counted from 1904 on. */
  from1904: boolean;
}

const daysTo1904 = 1462;
/** Digits that Excel keeps of a number; the rest is how a computer counts. */
const digits = 15;

/** Formats that a file names by their number alone. 14 and 22 follow the reader's country, so they are written as no country misreads them. */
const builtIn: Record<number, string> = {
  1: "0",
  2: "0.00",
  3: "#,##0",
  4: "#,##0.00",
  9: "0%",
  10: "0.00%",
  11: "0.00E+00",
  12: "# ?/?",
  13: "# ??/??",
  14: "yyyy-mm-dd",
  15: "d-mmm-yy",
  16: "d-mmm",
  17: "mmm-yy",
  18: "h:mm AM/PM",
  19: "h:mm:ss AM/PM",
  20: "h:mm",
  21: "h:mm:ss",
  22: "yyyy-mm-dd h:mm",
  37: "#,##0 ;(#,##0)",
  38: "#,##0 ;(#,##0)",
  39: "#,##0.00;(#,##0.00)",
  40: "#,##0.00;(#,##0.00)",
  45: "mm:ss",
  46: "[h]:mm:ss",
  47: "mmss.0",
  48: "##0.0E+0",
};

/** A format by its number and, where the file has one, its code; undefined where a number is shown as it is. */
export function makeFormat(id: number, code: string | undefined): NumberFormat | undefined {
  const chosen = code ?? builtIn[id];
  if (chosen === undefined || /^(general|@)$/i.test(chosen)) return undefined;
  return { code: chosen, isDate: isDate(chosen) };
}

/** A number as its cell shows it, given wide enough columns. */
export function formatCell(raw: string, style: number, { byStyle, from1904 }: CellFormats): string {
  const value = Number(raw);
  if (raw.trim() === "" || !Number.isFinite(value)) return raw;
  const chosen = byStyle[style];
  if (!chosen) return showPlain(value);
  try {
    return format(chosen.code, chosen.isDate && from1904 ? value + daysTo1904 : value);
  } catch {
    // A format that its library does not know, or a date that no calendar has.
    return showPlain(value);
  }
}

function showPlain(value: number): string {
  return String(Number(value.toPrecision(digits)));
}

function isDate(code: string): boolean {
  try {
    return isDateFormat(code);
  } catch {
    return false;
  }
}
