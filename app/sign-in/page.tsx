import type { Metadata } from "next";
import { readNext } from "./read-next.ts";
import styles from "./sign-in.module.css";
import { SignInForm } from "./sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { next } = await searchParams;
  return (
    <main className={styles.screen}>
      <div className={`card ${styles.card}`}>
        <h1>Knowledgebase</h1>
        <p className="muted">Drop in your files, and find every passage of them with its source.</p>
        <SignInForm next={readNext(next)} />
      </div>
    </main>
  );
}
