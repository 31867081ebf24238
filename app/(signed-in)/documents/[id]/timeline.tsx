import type { EventView } from "#lib/documents/schema.ts";
import { formatTime } from "../format.ts";

/** What happened to a document, newest first. */
export function Timeline({ events }: { events: EventView[] }) {
  return (
    <section className="stack" aria-label="Timeline">
      <h2>Timeline</h2>
      <ol className="list">
        {events.map((event) => (
          <li key={event.id} className="row small">
            <time className="muted" dateTime={event.at}>
              {formatTime(event.at)}
            </time>
            <span>{event.message}</span>
            {event.jobNumber !== null && event.jobNumber > 1 && (
              <span className="muted">ingestion {event.jobNumber}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
