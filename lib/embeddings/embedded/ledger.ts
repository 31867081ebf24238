import { createHash } from "node:crypto";

/** What was asked of the server since it started: the record that tells whether anything was paid for twice. */
export function createLedger() {
  const sent = new Map<string, number>();
  let requests = 0;
  let refused = 0;
  let tokens = 0;
  let inputsInFlight = 0;
  return {
    /** An answer is being made; call what it returns when it is made, or given up. */
    begin: (inputs: string[]) => {
      inputsInFlight += inputs.length;
      return () => {
        inputsInFlight -= inputs.length;
      };
    },
    refuse: () => {
      requests += 1;
      refused += 1;
    },
    record: (inputs: string[], requestTokens: number) => {
      requests += 1;
      tokens += requestTokens;
      for (const input of inputs) {
        const hash = createHash("sha256").update(input).digest("hex");
        sent.set(hash, (sent.get(hash) ?? 0) + 1);
      }
    },
    read: () => {
      const inputs = [...sent.values()].reduce((sum, count) => sum + count, 0);
      const timesSent = Object.fromEntries(sent);
      return { requests, refused, tokens, inputs, inputsInFlight, distinctInputs: sent.size, timesSent };
    },
  };
}
