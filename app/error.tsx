"use client";

export default function ErrorScreen({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="page">
      <h1>This screen cannot be shown</h1>
      <p className="muted">
        A part of the service does not answer.
        {error.digest ? ` Tell the operator this number if it stays: ${error.digest}.` : ""}
      </p>
      <p>
        <button type="button" className="primary" onClick={reset}>
          Try again
        </button>
      </p>
    </main>
  );
}
