import { parseArgs } from "node:util";
import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import { createDeps } from "#lib/deps.ts";
import { examine } from "#lib/doctor/examine.ts";
import { mend } from "#lib/doctor/mend.ts";
import type { Examination } from "#lib/doctor/schema.ts";

const usage = `Usage: npm run doctor -- [--fix] [--json]
Lists what is not as it should be. --fix mends it. Exit code: 0 nothing was found (or is left), 1 something is, 2 it could not look.`;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({ options: { fix: { type: "boolean" }, json: { type: "boolean" } } });
    const { env, supabase, embedder } = createDeps();
    const examination = await examine({ supabase, env, embedder });
    const isMended = values.fix && !examination.isHealthy;
    const mended = isMended
      ? await mend({ supabase, env, send: (events) => sendOutbox({ inngest, supabase }, events) })
      : [];
    const after = isMended ? await examine({ supabase, env, embedder }) : examination;
    if (values.json) print(JSON.stringify({ ...after, mended }, null, 2));
    else {
      describe(examination);
      for (const { deed, count } of mended) if (count > 0) print(`  mended: ${count} ${deed}`);
      print(closing(examination, after, values.fix ?? false));
    }
    return after.isHealthy ? 0 : 1;
  } catch (thrown) {
    process.stderr.write(`The doctor cannot look: ${thrown instanceof Error ? thrown.message : thrown}\n${usage}\n`);
    return 2;
  }
}

function describe({ findings, inventory }: Examination): void {
  for (const { name, count, meaning, remedy, samples } of findings) {
    print(`${count === 0 ? "  ok " : "  !! "} ${name.padEnd(22)} ${String(count).padStart(6)}  ${meaning}`);
    if (count > 0) print(`${" ".repeat(13)}such as ${samples.join(", ")}\n${" ".repeat(13)}--fix ${remedy}`);
  }
  const { documents, failed, queued, processing, oldestQueuedSeconds, chunks, cachedVectors, cacheBytes } = inventory;
  print(
    `\n  ${documents} documents (${failed} failed), ${chunks} passages; ${processing} jobs in work, ${queued} waiting`,
  );
  if (queued > 0) print(`  the oldest has waited for ${oldestQueuedSeconds} seconds`);
  print(`  ${cachedVectors} vectors in the cache, ${(cacheBytes / 1024 / 1024).toFixed(1)} MiB\n`);
}

function closing(before: Examination, after: Examination, isFixing: boolean): string {
  if (before.isHealthy) return "All is well.";
  if (!isFixing) return "Something is not as it should be: npm run doctor -- --fix";
  if (after.isHealthy) return "All of it is mended.";
  const left = after.findings.filter(({ count }) => count > 0).map(({ name, count }) => `${count} ${name}`);
  return `Not all is mended yet: ${left.join(", ")}. What was queued again is mended when it has been worked on.`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
