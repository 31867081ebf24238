import { expect, test } from "vitest";
import { createExclusive } from "#supabase/embedded/run-exclusive.ts";

test("what was asked while a long task ran goes before the next long one", async () => {
  const exclusive = createExclusive();
  const order: string[] = [];
  const note = (name: string) => async () => void order.push(name);
  const first = exclusive.patiently(async () => {
    order.push("first long");
    // As a request does that arrives meanwhile: it is read when the event loop turns.
    setImmediate(() => void exclusive(note("short")));
  });
  const second = exclusive.patiently(note("second long"));
  await Promise.all([first, second]);
  await exclusive.idle();
  expect(order).toEqual(["first long", "short", "second long"]);
});

test("long and short tasks never run at the same time, and one that fails holds nobody up", async () => {
  const exclusive = createExclusive();
  let running = 0;
  let most = 0;
  const task = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  const failing = exclusive.patiently(() => Promise.reject(new Error("no such row")));
  const others = [exclusive.patiently(task), exclusive(task), exclusive.patiently(task), exclusive(task)];
  await expect(failing).rejects.toThrow("no such row");
  await Promise.all(others);
  expect(most).toBe(1);
});

test("it is idle when long tasks have ended, too", async () => {
  const exclusive = createExclusive();
  let isDone = false;
  void exclusive.patiently(async () => {
    isDone = true;
  });
  await exclusive.idle();
  expect(isDone).toBe(true);
});
