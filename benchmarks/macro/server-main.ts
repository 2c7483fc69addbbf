/** A process with one server: `server-main.js SUBJECT [telemetry]`. */
import type { ServerOptions } from "godwit";
import { endWithParent, type ToServer, tellParent } from "./messages.js";
import { createServer } from "./subjects/create-server.js";
import type { NodeSubjectName } from "./subjects/subject.js";
import { UsageMeter } from "./usage-meter.js";

endWithParent();
const server = await createServer(process.argv[2] as NodeSubjectName, await options());
const meter = new UsageMeter();
process.on("message", (message: ToServer) => tellParent(meter.answer(message)));
tellParent({ type: "listening", port: await server.listen() });

async function options(): Promise<ServerOptions> {
  if (process.argv[3] !== "telemetry") return {};
  const { telemetryOfProcess } = await import("../stats/telemetry-of-process.js");
  return { stats: telemetryOfProcess() };
}
