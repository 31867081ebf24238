import Link from "next/link";
import type { ComponentProps } from "react";

/**
 * A link to another screen. Nothing of it is fetched before it is clicked: what is on its way when somebody signs out is sent on to the
 * sign-in, which has no such parts and answers 404.
 */
export function ScreenLink(props: ComponentProps<typeof Link>) {
  return <Link {...props} prefetch={false} />;
}
