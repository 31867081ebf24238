import type { ReactNode } from "react";
import styles from "./upload-list.module.css";

interface Props {
  title: string;
  kind?: "bad" | "warn";
  actions: ReactNode;
  /** Items of a list. */
  children: ReactNode;
}

/** Many things in one line of a list, which unfolds to all of them. */
export function Fold({ title, kind, actions, children }: Props) {
  return (
    <li className={`notice ${styles.line}`} data-kind={kind}>
      <details className={styles.text}>
        <summary>
          <span role={kind && "alert"}>{title}</span>
        </summary>
        <ul className={styles.folded}>{children}</ul>
      </details>
      <span className="row">{actions}</span>
    </li>
  );
}
