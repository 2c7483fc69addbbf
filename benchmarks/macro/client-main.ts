/** A process with one client that measures what it is told to: `client-main.js SUBJECT PORT [no-retries | telemetry]`. */
import type { ChannelOptions } from "godwit";
import { poissonArrivals } from "./arrivals.js";
import { type Measurement, runBatches, runClosedLoop } from "./closed-loop.js";
import { endWithParent, type ToClient, tellParent } from "./messages.js";
import { runOpenLoop } from "./open-loop.js";
import type { UnaryWorkload, Workload } from "./rows.js";
import { SpreadClients } from "./spread-clients.js";
import { createClient } from "./subjects/create-client.js";
import type { NodeSubjectName, SubjectClient } from "./subjects/subject.js";
import { UsageMeter } from "./usage-meter.js";

endWithParent();
const port = Number(process.argv[3]);
const options = await optionsFor(process.argv[4]);
const subject = process.argv[2] as NodeSubjectName;
const spread = new SpreadClients(subject, port);
const client = await createClient(subject, port, undefined, options);
const meter = new UsageMeter();

process.on("message", (message: ToClient) => {
  if (message.type !== "run") {
    tellParent(meter.answer(message));
    return;
  }
  measure(message.workload, message.durationMs).then(
    (measurement) => tellParent({ type: "measured", measurement }),
    (error: unknown) => tellParent({ type: "failed", message: error instanceof Error ? `${error.stack}` : `${error}` }),
  );
});
tellParent({ type: "ready" });

async function optionsFor(setting: string | undefined): Promise<ChannelOptions> {
  if (setting === "no-retries") return { retry: false };
  if (setting !== "telemetry") return {};
  const { telemetryOfProcess } = await import("../stats/telemetry-of-process.js");
  return { stats: telemetryOfProcess() };
}

function measure(workload: Workload, durationMs: number): Promise<Measurement> {
  // A Buffer, which protobufjs copies faster than any other array; to godwit it is the same.
  const payload = Buffer.alloc(workload.payloadBytes, 0x5a);
  switch (workload.kind) {
    case "unary":
      return measureUnary(workload, payload, durationMs);
    case "openLoop": {
      const { perSecond, maxInFlight, seed } = workload;
      const load = { dueMs: poissonArrivals(perSecond, durationMs, seed), durationMs, maxInFlight };
      return runOpenLoop(load, (done) => client.unary(payload, true, done));
    }
    case "serverStream": {
      const { messages, payloadBytes } = workload;
      return runBatches(durationMs, () => client.serverStream(messages, payloadBytes).then(() => messages));
    }
    case "clientStream": {
      const { messages } = workload;
      return runBatches(durationMs, () => client.clientStream(messages, payload).then(() => messages));
    }
    case "pingPong":
      return client.pingPong(payload, workload.inFlight, durationMs);
    default:
      return Promise.reject(new Error(`there is no workload "${(workload as Workload).kind}"`));
  }
}

async function measureUnary(workload: UnaryWorkload, payload: Uint8Array, durationMs: number): Promise<Measurement> {
  const { inFlight, headline, connections, fresh = false } = workload;
  if (connections === undefined) {
    return runClosedLoop(inFlight, durationMs, (done) => client.unary(payload, headline, done));
  }
  const clients = await spread.take(connections, fresh);
  return runClosedLoop(inFlight, durationMs, (done, slot) => {
    (clients[slot % connections] as SubjectClient).unary(payload, headline, done);
  });
}
