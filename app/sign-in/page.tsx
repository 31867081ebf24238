import type { Metadata } from "next";
import styles from "./sign-in.module.css";
import { SignInForm } from "./sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default function SignInPage() {
  return (
    <main className={styles.screen}>
      <div className={`card ${styles.card}`}>
        <h1>Knowledgebase</h1>
        <p className="muted">Drop in your files, and find every passage of them with its source.</p>
        <SignInForm />
      </div>
    </main>
  );
}
