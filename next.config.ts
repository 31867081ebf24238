import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // Parsers that load files of their own at run time, or native code: bundled, they do not find them.
  serverExternalPackages: ["pdf-parse", "pdfjs-dist", "@napi-rs/canvas", "officeparser", "tesseract.js"],
  // The parser is started by path in a process of its own: nothing imports it, so tracing cannot see it. Its packages are not
  // traced either; a deployment keeps node_modules.
  outputFileTracingIncludes: { "/api/inngest": ["./lib/ingestion/**/*.ts", "./lib/errors.ts", "./package.json"] },
  // `npm run check` is where types are checked; a build must not need the tools of development.
  typescript: { ignoreBuildErrors: true },
};

export default config;
