"use client";

import { type DragEvent, useRef, useState } from "react";
import { mediaTypes, readableTypes } from "#lib/ingestion/schema.ts";
import styles from "./upload-area.module.css";

const accepted = Object.entries(mediaTypes).flatMap(([mediaType, { endings }]) => [...endings, mediaType]);

/** Takes files by drop or by choice. */
export function UploadArea({ onFiles }: { onFiles: (files: Iterable<File>) => void }) {
  const [isOver, setIsOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    onFiles(event.dataTransfer.files);
  };
  return (
    <section
      className={styles.area}
      aria-label="Upload"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={onDrop}
    >
      <p>
        <strong>Drop files here</strong>
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
          onFiles(event.target.files ?? []);
          event.target.value = "";
        }}
      />
    </section>
  );
}
