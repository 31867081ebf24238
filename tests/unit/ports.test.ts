import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findFreePort } from "#lib/stack/ports.ts";

const host = "127.0.0.1";

// A stack's engine once got, by asking for any port, the very one that was found for its app.
test("a port that is found free is none that the kernel gives to who asks for any, and can be listened on", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => findFreePort(host)));
  expect(Math.max(...ports)).toBeLessThan(32_768);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  const server = createServer().listen(ports[0], host);
  await once(server, "listening");
  server.close();
});

test("where there is no port, the reason is said", async () => {
  await expect(findFreePort("192.0.2.1")).rejects.toThrow("No port can be had on 192.0.2.1: EADDRNOTAVAIL.");
});
