import type { Metadata } from "next";
import { Suspense } from "react";
import { DocumentsScreen } from "./documents-screen.tsx";

export const metadata: Metadata = { title: "Documents" };

export default function DocumentsPage() {
  return (
    <Suspense>
      <DocumentsScreen />
    </Suspense>
  );
}
