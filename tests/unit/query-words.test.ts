import { expect, test } from "vitest";
import { wordsOf } from "#app/(signed-in)/query-words.ts";

const cases: { query: string; text: string; found: string[] }[] = [
  {
    query: "How do I apply for refunds?",
    text: "A refund is refundable; we apply it.",
    found: ["refund", "refundable", "apply"],
  },
  { query: "cat", text: "Cats concatenate a cat.", found: ["Cats", "cat"] },
  { query: "AI at work", text: "AI is at work, not in a waiter.", found: ["AI", "work"] },
  { query: "C++ (2024)", text: "In 2024 a C compiler.", found: ["2024"] },
  { query: "发票总额", text: "这张发票的总额是一百元。", found: ["发票", "总额"] },
  { query: "สวัสดีครับ", text: "เขาพูดว่าสวัสดี", found: ["สวัสดี"] },
  { query: "東京の天気", text: "明日の東京は天気がよい。", found: ["東京", "天気"] },
  { query: "배송비는 얼마", text: "국내 배송비가 무료입니다.", found: ["배송비가"] },
  { query: "Größe", text: "Die Größen stehen in der Tabelle.", found: ["Größen"] },
];

test.each(cases)("of “$query” in “$text”: $found", ({ query, text, found }) => {
  const parts = text.split(wordsOf(query) ?? /(?!)/);
  expect(parts.filter((_, index) => index % 2 === 1)).toEqual(found);
  expect(parts.join("")).toBe(text);
});

test.each(["", "?!", "What is it?", "a 5"])("“%s” has no words that say something", (query) => {
  expect(wordsOf(query)).toBeNull();
});
