"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { ScreenLink } from "#app/(signed-in)/screen-link.tsx";

/** A link of the header; it says where one is, on the screens under it too. */
export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const isHere = usePathname().startsWith(href);
  return (
    <ScreenLink href={href} aria-current={isHere ? "page" : undefined}>
      {children}
    </ScreenLink>
  );
}
