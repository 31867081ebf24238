"use client";

import { useActionState, useState } from "react";
import { signIn } from "./actions.ts";
import styles from "./sign-in.module.css";

/** `next` is where it leads. */
export function SignInForm({ next }: { next: string }) {
  const [isNew, setIsNew] = useState(false);
  const intent = isNew ? "sign-up" : "sign-in";
  const [state, submit, isPending] = useActionState(signIn, { email: "", intent, error: null });
  const verb = isNew ? "Create account" : "Sign in";
  return (
    <form action={submit} className={styles.form}>
      <input type="hidden" name="intent" value={intent} />
      <input type="hidden" name="next" value={next} />
      <label>
        E-mail
        <input name="email" type="email" autoComplete="email" required defaultValue={state.email} key={state.email} />
      </label>
      <div className={styles.field}>
        <label>
          Password
          <input
            name="password"
            type="password"
            required
            minLength={isNew ? 6 : 1}
            autoComplete={isNew ? "new-password" : "current-password"}
            aria-describedby={isNew ? "password-rule" : undefined}
          />
        </label>
        {isNew && (
          <p id="password-rule" className="muted small">
            6 characters or more
          </p>
        )}
      </div>
      {state.error && state.intent === intent && (
        <p className="notice" data-kind="bad" role="alert">
          {state.error}
        </p>
      )}
      <button type="submit" className="primary" disabled={isPending}>
        {isPending ? "One moment…" : verb}
      </button>
      <button type="button" className="quiet" onClick={() => setIsNew(!isNew)}>
        {isNew ? "I have an account" : "Create an account instead"}
      </button>
    </form>
  );
}
