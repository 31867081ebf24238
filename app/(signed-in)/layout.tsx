import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { UploadsProvider } from "#app/(signed-in)/documents/uploads-provider.tsx";
import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";
import { openSession } from "#app/session.ts";
import styles from "./layout.module.css";
import { NavLink } from "./nav-link.tsx";
import { SignOut } from "./sign-out.tsx";
import { UploadStatus } from "./upload-status.tsx";

export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const session = await openSession();
  const { data } = await session.auth.getUser();
  if (!data.user) redirect("/sign-in");
  return (
    <UploadsProvider>
      <header className={styles.bar}>
        <nav className={styles.inner} aria-label="Main">
          <ScreenLink href="/documents" className={styles.name}>
            Knowledgebase
          </ScreenLink>
          <NavLink href="/documents">Documents</NavLink>
          <NavLink href="/search">Search</NavLink>
          <span className={`muted small ${styles.account}`}>{data.user.email}</span>
          <SignOut />
        </nav>
        <UploadStatus />
      </header>
      {children}
    </UploadsProvider>
  );
}
