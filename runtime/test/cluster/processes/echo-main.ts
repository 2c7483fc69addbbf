/** The program of EchoCluster: in its primary and in its workers. */
import cluster from "node:cluster";
import { existsSync } from "node:fs";
import process from "node:process";
import { runWorkers } from "godwit/cluster";
import type { EchoClusterLine, EchoClusterOptions } from "../../support/echo-cluster.js";

const options = JSON.parse(process.env["ECHO_CLUSTER"] ?? "{}") as EchoClusterOptions;
const { workers, graceMs, startTimeoutMs, breakFile = "" } = options;

function print(line: EchoClusterLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
const log = (fields: object, message: string): void => print({ message, fields });

await runWorkers({
  workers,
  graceMs,
  startTimeoutMs,
  logger: { debug: log, info: log, warn: log, error: log },
  async start() {
    if (options.isSilent === true) await new Promise(() => process.stdin.resume());
    // What a deployment may do to a program that runs.
    if (existsSync(breakFile)) throw new Error("its configuration is broken");
    const { openEchoServer } = await import("./echo-server.js");
    const { server, address } = await openEchoServer(options);
    print({ message: "listening", fields: { pid: process.pid }, address });
    return server;
  },
});
if (cluster.isPrimary) print({ message: "all have ended", fields: {} });
