import { Inngest } from "inngest";
import { engineLog } from "#inngest/log-engine.ts";

/** The product's Inngest app. INNGEST_DEV, or INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY, tell it which server to talk to. */
export const inngest = new Inngest({ id: "knowledgebase", logger: engineLog });
