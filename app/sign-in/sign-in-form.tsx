"use client";

import { useActionState, useState } from "react";
import { signIn } from "./actions.ts";
import styles from "./sign-in.module.css";

export function SignInForm() {
  const [isNew, setIsNew] = useState(false);
  const [state, submit, isPending] = useActionState(signIn, { email: "", error: null });
  const verb = isNew ? "Create account" : "Sign in";
  return (
    <form action={submit} className={styles.form}>
      <input type="hidden" name="intent" value={isNew ? "sign-up" : "sign-in"} />
      <label>
        E-mail
        <input name="email" type="email" autoComplete="email" required defaultValue={state.email} key={state.email} />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          required
          minLength={isNew ? 6 : 1}
          autoComplete={isNew ? "new-password" : "current-password"}
        />
      </label>
      {state.error && (
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
