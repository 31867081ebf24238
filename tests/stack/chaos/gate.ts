import { type Intercepted, startProxy } from "../start-proxy.ts";

export interface Stop {
  /** Settles when the call has come. */
  reached: Promise<void>;
  /** Lets the call go on; one that comes later is not held any more. */
  open: () => void;
}

type Moment = "before" | "after";
type IsMeant = (call: Intercepted) => Promise<boolean>;

interface Hold {
  isMeant: IsMeant;
  moment: Moment;
  reach: () => void;
  opened: Promise<void>;
  isTaken: boolean;
}

export interface Gate {
  url: string;
  /** Holds the first call that is meant: before it reaches the service, or after that, with its answer kept back. */
  hold: (isMeant: IsMeant, moment: Moment) => Stop;
  /** The calls that reached the service, in their order. */
  passed: Intercepted[];
  /** Whether no call is under way and none has been for so long. */
  isQuiet: (forMs: number) => boolean;
  close: () => Promise<void>;
}

/** A proxy before a service, by which tests stop its callers in the middle of their work, as many at a time as they like. */
export async function openGate(targetUrl: string): Promise<Gate> {
  const holds = new Set<Hold>();
  const passed: Intercepted[] = [];
  let underWay = 0;
  let lastAt = performance.now();

  async function stop(call: Intercepted, moment: Moment): Promise<void> {
    for (const hold of holds) {
      if (hold.moment !== moment || hold.isTaken || !(await hold.isMeant(call))) continue;
      // Another call may have been faster.
      if (hold.isTaken) continue;
      hold.isTaken = true;
      hold.reach();
      await hold.opened;
    }
  }

  const proxy = await startProxy(targetUrl);
  proxy.intercept(
    async (call) => {
      underWay += 1;
      await stop(call, "before");
      passed.push(call);
      return undefined;
    },
    async (call, isAnswered) => {
      if (isAnswered) await stop(call, "after");
      underWay -= 1;
      lastAt = performance.now();
    },
  );
  return {
    url: proxy.url,
    passed,
    hold: (isMeant, moment) => {
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
      const { promise: opened, resolve: open } = Promise.withResolvers<void>();
      const hold = { isMeant, moment, reach, opened, isTaken: false };
      holds.add(hold);
      return {
        reached,
        open: () => {
          holds.delete(hold);
          open();
        },
      };
    },
    isQuiet: (forMs) => underWay === 0 && performance.now() - lastAt > forMs,
    close: proxy.stop,
  };
}
