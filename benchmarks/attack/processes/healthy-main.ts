/** A process with a well-behaved client, the same beside every attack: `healthy-main.js CLIENT PORT`. */
import { performance } from "node:perf_hooks";
import type { StartOperation } from "../../macro/closed-loop.js";
import { endWithParent } from "../../macro/messages.js";
import { createClient } from "../../macro/subjects/create-client.js";
import type { NodeSubjectName } from "../../macro/subjects/subject.js";
import type { Probe, Ready, ToHealthy } from "../messages.js";
import { measureLoad } from "./tolerant-load.js";

const connections = 2;
const callsOfConnection = 5;
const payload = Buffer.alloc(64, 0x5a);

endWithParent();
const subject = process.argv[2] as NodeSubjectName;
const port = Number(process.argv[3]);
const slots: StartOperation[] = [];
for (let i = 0; i < connections; i++) {
  const client = await createClient(subject, port);
  for (let n = 0; n < callsOfConnection; n++) slots.push((done) => client.unary(payload, true, done));
}

process.on("message", (message: ToHealthy) => {
  const answer = message.type === "load" ? measureLoad(slots, message.durationMs) : probe();
  answer.then((result) => process.send?.(result));
});
process.send?.({ type: "ready" } satisfies Ready);

async function probe(): Promise<Probe> {
  const client = await createClient(subject, port);
  const startedAt = performance.now();
  const error = await new Promise<unknown>((resolve) => client.unary(payload, true, resolve));
  const ms = performance.now() - startedAt;
  await client.close();
  return { type: "probe", ms, error: error === undefined ? undefined : String(error) };
}
