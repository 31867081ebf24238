import { Inngest } from "inngest";

/** The product's Inngest app. INNGEST_DEV, or INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY, tell it which server to talk to. */
export const inngest = new Inngest({ id: "knowledgebase" });
