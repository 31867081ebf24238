import type { XmlHandlers } from "#lib/ingestion/parsers/walk-xml.ts";

interface TextCollector extends Required<Pick<XmlHandlers, "close" | "text">> {
  open(name: string): void;
  /** What was collected since it was last taken. */
  take(): string;
}

/** Collects what stands in `t`, in runs or not, and leaves out how it is pronounced. */
export function collectText(): TextCollector {
  let collected = "";
  let inText = false;
  let inReading = false;
  return {
    open(name) {
      if (name === "rPh") inReading = true;
      if (name === "t") inText = !inReading;
    },
    close(name) {
      if (name === "rPh") inReading = false;
      if (name === "t") inText = false;
    },
    text(text) {
      if (inText) collected += text;
    },
    take() {
      // Characters that XML cannot hold are written so: ECMA-376, 22.9.2.19.
      const taken = collected.replace(/_x([\da-f]{4})_/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
      collected = "";
      return taken;
    },
  };
}
