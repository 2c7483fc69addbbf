/** A process with one server: `server-main.js SUBJECT [telemetry]`. */
import type { ServerOptions } from "godwit";
import { endWithParent, tellCpu, tellParent } from "./messages.js";
import { createGodwitServer } from "./subjects/godwit-server.js";
import { createGrpcJsServer } from "./subjects/grpc-js-server.js";

endWithParent();
const server = process.argv[2] === "godwit" ? createGodwitServer(await options()) : createGrpcJsServer();
// The one thing that it is ever asked.
process.on("message", tellCpu);
tellParent({ type: "listening", port: await server.listen() });

async function options(): Promise<ServerOptions> {
  if (process.argv[3] !== "telemetry") return {};
  const { telemetryOfProcess } = await import("../stats/telemetry-of-process.js");
  return { stats: telemetryOfProcess() };
}
