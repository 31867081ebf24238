"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** A link of the header; it says where one is, on the screens under it too. */
export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const isHere = usePathname().startsWith(href);
  return (
    <Link href={href} aria-current={isHere ? "page" : undefined}>
      {children}
    </Link>
  );
}
