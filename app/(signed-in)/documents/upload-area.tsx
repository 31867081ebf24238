"use client";

import { useRef } from "react";
import { mediaTypes, readableTypes } from "#lib/ingestion/schema.ts";
import styles from "./upload-area.module.css";
import { useUploads } from "./use-uploads.ts";

const accepted = Object.entries(mediaTypes).flatMap(([mediaType, { endings }]) => [...endings, mediaType]);

/** Takes files by choice, and says that they can be dropped: anywhere, as `UploadsProvider` sees to. */
export function UploadArea() {
  const { queue, isOver } = useUploads();
  const input = useRef<HTMLInputElement>(null);
  return (
    <section className={styles.area} aria-label="Upload" data-over={isOver}>
      <p>
        <strong>Drop files or folders here</strong>
        <span className="muted"> or </span>
        <button type="button" className="primary" onClick={() => input.current?.click()}>
          Choose files
        </button>
      </p>
      <p className="muted small">
        PDF, Office, e-mail, web pages, Markdown, sheets, code, text and images. Several at a time are fine.
      </p>
      <details className="muted small">
        <summary>All types</summary>
        {readableTypes}
      </details>
      <input
        ref={input}
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Files to upload"
        type="file"
        multiple
        accept={accepted.join(",")}
        onChange={(event) => {
          queue.add(event.target.files ?? []);
          event.target.value = "";
        }}
      />
    </section>
  );
}
