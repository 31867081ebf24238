import Link from "next/link";

export default function NotFound() {
  return (
    <main className="page">
      <h1>There is nothing here</h1>
      <p className="muted">The address may be wrong, or the document was deleted.</p>
      <p>
        <Link href="/documents">To the documents</Link>
      </p>
    </main>
  );
}
