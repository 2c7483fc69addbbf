import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createChannel, createClient, insecure } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";

describe("cluster: threads in its place", () => {
  it("have a server and a port each, over which round_robin spreads calls, and end when it is closed", async () => {
    const script = new URL("./processes/echo-thread.js", import.meta.url);
    const threads = [new Worker(script), new Worker(script)];
    const ended = Promise.all(threads.map((thread) => once(thread, "exit")));
    const ports = await Promise.all(threads.map(async (thread) => (await once(thread, "message"))[0] as number));
    const channel = createChannel(`static:${ports.map((port) => `127.0.0.1:${port}`).join()}`, {
      credentials: insecure(),
      loadBalancing: "round_robin",
    });
    const echo = createClient(EchoService, channel);
    const answeredBy = new Set<string>();
    while (answeredBy.size < threads.length) answeredBy.add((await echo.unary({})).id);
    for (const thread of threads) thread.postMessage("close");
    await ended;
    await channel.close();
  });
});
