import { useEffect, useState } from "react";
import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import { callApi } from "#app/call-api.ts";
import { documentListSchema } from "#lib/documents/schema.ts";

/** Why nothing was found. Whether there are documents at all is asked only now. */
export function NothingFound() {
  const [isEmpty, setIsEmpty] = useState<boolean | null>(null);
  useEffect(() => {
    void callApi(documentListSchema, "/api/documents?limit=1").then(({ value }) =>
      setIsEmpty(value !== null && Object.values(value.counts).every((count) => count === 0)),
    );
  }, []);
  if (isEmpty === null) return null;
  if (!isEmpty) {
    return <p className="muted">Nothing was found. Try other words, or check that the document is ready.</p>;
  }
  return (
    <p className="muted">
      You have no documents yet. <ScreenLink href="/documents">Add some</ScreenLink>, then search them.
    </p>
  );
}
