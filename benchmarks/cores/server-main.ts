/** A server of so many workers: `server-main.js WORKERS`. A call's id is its work; of id "usage" the answer is who works here. */
import cluster from "node:cluster";
import process from "node:process";
import { runWorkers } from "godwit/cluster";
import type { Listening, Usage } from "./messages.js";
import { work } from "./work.js";

const workers = Number(process.argv[2]);

// What a worker says goes on to the one who started all.
cluster.on("message", (_worker, message: Listening) => {
  if (message.type === "listening") process.send?.(message);
});
// Nobody is left to measure.
if (cluster.isPrimary) process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));

await runWorkers({
  workers,
  graceMs: 1000,
  async start() {
    const { createServer } = await import("godwit");
    const { EchoService } = await import("../gen/godwit/testing/v1/echo_godwit.js");
    const server = createServer();
    server.addPartial(EchoService, {
      unary({ id, payload }) {
        if (id === "usage") return { id: JSON.stringify(usage()) };
        work(Number(id));
        return { id, payload };
      },
    });
    const { address } = await server.listen("127.0.0.1:0");
    process.send?.({ type: "listening", address } satisfies Listening);
    return server;
  },
});

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { pid: process.pid, cpuUs: user + system };
}
