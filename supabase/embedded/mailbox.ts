import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EmailDriver } from "@supabase/lite";
import { logNotice } from "./log.ts";

/** Sends no mail: puts each into a file, for whoever develops to read, and says where. */
export function createMailbox(directory: string): EmailDriver {
  return {
    send: async ({ to, subject, text, html }) => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const path = join(directory, `${new Date().toISOString().replaceAll(":", "-")}-${randomUUID().slice(0, 8)}.txt`);
      await writeFile(path, `To: ${to}\nSubject: ${subject}\n\n${text ?? html ?? ""}\n`, { mode: 0o600 });
      logNotice(`a mail was not sent but put into ${path}`);
    },
  };
}
