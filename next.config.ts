import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // Parsers that load files of their own at run time, or native code: bundled, they do not find them.
  serverExternalPackages: ["pdf-parse", "pdfjs-dist", "@napi-rs/canvas", "officeparser"],
  // Started by path in a thread of its own, so nothing imports it and tracing cannot see it.
  outputFileTracingIncludes: { "/api/inngest": ["./lib/ingestion/**/*.ts", "./lib/errors.ts", "./package.json"] },
  // `npm run check` is where types are checked; a build must not need the tools of development.
  typescript: { ignoreBuildErrors: true },
};

export default config;
