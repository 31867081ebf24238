import type { PdfAnnotation } from "#lib/ingestion/parsers/pdf-engine.ts";

/** What is filled into a page's fields, or written over it: a line each. The page's own text does not hold it. */
export function readForm(annotations: PdfAnnotation[]): string {
  return annotations
    .map(readAnnotation)
    .filter((line) => line !== "")
    .join("\n");
}

function readAnnotation(annotation: PdfAnnotation): string {
  if (annotation.subtype === "FreeText") return annotation.contentsObj?.str ?? "";
  if (annotation.subtype !== "Widget" || annotation.password) return "";
  const values = Array.isArray(annotation.fieldValue) ? annotation.fieldValue : [annotation.fieldValue];
  const value = values.filter((item) => typeof item === "string" && item !== "" && item !== "Off").join(", ");
  if (value === "") return "";
  const label = annotation.alternativeText || annotation.fieldName;
  return label ? `${label}: ${value}` : value;
}
