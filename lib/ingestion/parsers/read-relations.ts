import { posix } from "node:path";
import type { Zip } from "#lib/ingestion/parsers/open-zip.ts";
import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

/** The parts that a part refers to, by their ids there. `type` is the last word of the URL that it is in the file. */
export function readRelations(zip: Zip, part: string): Map<string, { type: string; target: string }> {
  const folder = posix.dirname(part);
  const bytes = zip.read(posix.join(folder, "_rels", `${posix.basename(part)}.rels`));
  const relations = new Map<string, { type: string; target: string }>();
  if (!bytes) return relations;
  walkXml(bytes, {
    open(name, attributes) {
      if (name !== "Relationship") return;
      const { Id = "", Type = "", Target = "", TargetMode } = attributes();
      if (TargetMode === "External") return;
      const target = posix.join("/", Target.startsWith("/") ? "" : folder, Target).slice(1);
      relations.set(Id, { type: posix.basename(Type), target });
    },
  });
  return relations;
}
