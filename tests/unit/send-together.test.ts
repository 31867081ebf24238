import { expect, test } from "vitest";
import { sendTogether } from "#app/api/send-together.ts";

/** Calls that end when they are told to. */
function createCalls() {
  const calls: { items: string[]; end: () => void; fail: (cause: Error) => void }[] = [];
  const send = sendTogether<string>((items) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    calls.push({ items, end: resolve, fail: reject });
    return promise;
  });
  return { calls, send };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what comes alone is sent at once, and what comes meanwhile goes together afterwards", async () => {
  const { calls, send } = createCalls();
  const first = send("a");
  await turn();
  const others = [send("b"), send("c")];
  await turn();
  expect(calls.map(({ items }) => items)).toEqual([["a"]]);
  calls[0]?.end();
  await first;
  await turn();
  expect(calls.map(({ items }) => items)).toEqual([["a"], ["b", "c"]]);
  calls[1]?.end();
  await Promise.all(others);
});

test("a call that fails is told to those that it was for, and the others are sent all the same", async () => {
  const { calls, send } = createCalls();
  const first = send("a");
  await turn();
  const second = send("b");
  calls[0]?.fail(new Error("no engine"));
  await expect(first).rejects.toThrow("no engine");
  await turn();
  expect(calls.map(({ items }) => items)).toEqual([["a"], ["b"]]);
  calls[1]?.end();
  await second;
});
