import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

export interface WantedPort {
  variable: string;
  host: string;
  port: number;
}

/** One sentence for each port that cannot be had. Port 0 (any free one) always can. */
export async function checkPorts(wanted: WantedPort[]): Promise<string[]> {
  const fixed = wanted.filter(({ port }) => port !== 0);
  const refusals: string[] = [];
  for (const [index, { variable, host, port }] of fixed.entries()) {
    const twin = fixed.slice(0, index).find((other) => other.port === port);
    if (twin) refusals.push(`port ${port} is wanted twice, by ${twin.variable} and ${variable}.`);
    else {
      const code = await tryPort(host, port);
      if (code === "EADDRINUSE") refusals.push(`port ${port} (${variable}) is taken.`);
      else if (code) refusals.push(`port ${port} (${variable}) on ${host} cannot be used: ${code}.`);
    }
  }
  return refusals;
}

/**
 * A port that was free a moment ago, for who listens on it in a while. It is below those that the kernel gives to whoever
 * asks for any (from 32,768 on Linux, 49,152 elsewhere), so that no connection and no other server gets it meanwhile.
 */
export async function findFreePort(host: string): Promise<number> {
  let code: string | null = null;
  for (let tried = 0; tried < 100; tried += 1) {
    const port = randomInt(20_000, 32_768);
    code = await tryPort(host, port);
    if (code === null) return port;
  }
  throw new Error(`No port can be had on ${host}: ${code}.`);
}

async function tryPort(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return null;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown) return String(thrown.code);
    throw thrown;
  }
}
