import type { EventView } from "#lib/documents/schema.ts";
import { formatCount, formatTime } from "../format.ts";
import styles from "./timeline.module.css";

/** What happened to a document: the newest, and on demand what came before it, newest first. */
export function Timeline({ events }: { events: EventView[] }) {
  const earlier = events.slice(1);
  return (
    <section className="stack" aria-label="Timeline">
      <h2>Timeline</h2>
      <Events events={events.slice(0, 1)} />
      {earlier.length > 0 && (
        <details className={styles.earlier}>
          <summary className="small">{formatCount(earlier.length, "earlier event")}</summary>
          <Events events={earlier} />
        </details>
      )}
    </section>
  );
}

function Events({ events }: { events: EventView[] }) {
  return (
    <ol className="list">
      {events.map((event) => (
        <li key={event.id} className={`small ${styles.event}`}>
          <time className="muted" dateTime={event.at}>
            {formatTime(event.at)}
          </time>
          <span>
            {event.message}
            {event.jobNumber !== null && event.jobNumber > 1 && (
              <span className="muted"> ingestion {event.jobNumber}</span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
