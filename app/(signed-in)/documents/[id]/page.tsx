import type { Metadata } from "next";
import { DocumentScreen } from "./document-screen.tsx";

export const metadata: Metadata = { title: "Document" };

export default async function DocumentPage({ params }: PageProps<"/documents/[id]">) {
  const { id } = await params;
  return <DocumentScreen id={id} />;
}
