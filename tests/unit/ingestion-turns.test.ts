import { expect, test } from "vitest";
import { takeTurn } from "#lib/ingestion/take-turn.ts";

/** A call that says when it begins, and ends when it is told to. */
function makeCall(begun: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const call = () => {
    begun.push(name);
    return promise;
  };
  return { call, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

/** Long enough for what has its turn to begin. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("two calls are under way at once, and small ones go before those that store passages", async () => {
  const begun: string[] = [];
  const first = makeCall(begun, "first");
  const others = ["second", "third"].map((name) => makeCall(begun, name));
  const small = makeCall(begun, "small");
  const answers = [...[first, ...others].map(({ call }) => takeTurn(call)), takeTurn(small.call, { isSmall: true })];
  await settle();
  expect(begun).toEqual(["first", "second"]);
  first.end();
  await settle();
  expect(begun).toEqual(["first", "second", "small"]);
  for (const one of [...others, small]) one.end();
  expect(await Promise.all(answers)).toEqual(["first", "second", "third", "small"]);
});

test("a call that fails tells whoever made it, and gives its place away", async () => {
  const begun: string[] = [];
  const first = makeCall(begun, "first");
  const others = ["second", "third"].map((name) => makeCall(begun, name));
  const failing = takeTurn(first.call);
  const answers = others.map(({ call }) => takeTurn(call));
  first.fail();
  await expect(failing).rejects.toThrow("first");
  for (const one of others) one.end();
  expect(await Promise.all(answers)).toEqual(["second", "third"]);
});

test("calls that hang keep nobody waiting for more than a second", async () => {
  const begun: string[] = [];
  const hanging = [makeCall(begun, "one"), makeCall(begun, "two")];
  const answers = hanging.map(({ call }) => takeTurn(call));
  expect(await takeTurn(async () => "third")).toBe("third");
  for (const one of hanging) one.end();
  expect(await Promise.all(answers)).toEqual(["one", "two"]);
});
