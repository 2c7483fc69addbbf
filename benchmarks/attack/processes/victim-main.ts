/** A process that calls two servers, one of which attacks it: `victim-main.js SUBJECT EVIL_PORT HEALTHY_PORT`. */
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import type { StartOperation } from "../../macro/closed-loop.js";
import { endWithParent } from "../../macro/messages.js";
import { createClient } from "../../macro/subjects/create-client.js";
import type { NodeSubjectName, SubjectClient } from "../../macro/subjects/subject.js";
import type { AttackedCalls, Ready, ToVictim, VictimLoad } from "../messages.js";
import { measureLoad } from "./tolerant-load.js";
import { VitalsMeter } from "./vitals-meter.js";

const healthySlots = 10;
const attackedSlots = 4;
/** Deadline of the calls to the server that attacks. */
const timeoutMs = 1000;
/** By how much a call may outlast its deadline before it counts as one that hangs. */
const patienceMs = 3000;
const pauseMs = 20;
const payload = Buffer.alloc(64, 0x5a);

endWithParent();
const [subject, evilPort, healthyPort] = process.argv.slice(2) as [NodeSubjectName, string, string];
const meter = new VitalsMeter();
const healthy = await createClient(subject, Number(healthyPort));
const evil = await createClient(subject, Number(evilPort), timeoutMs);
const slots: StartOperation[] = Array.from(
  { length: healthySlots },
  () => (done) => healthy.unary(payload, true, done),
);

process.on("message", (message: ToVictim) => {
  if (message.type === "vitals") {
    process.send?.(meter.answer(message));
    return;
  }
  const { durationMs, attacked } = message;
  const calls = attacked ? callEvil(evil, durationMs) : Promise.resolve(undefined);
  Promise.all([measureLoad(slots, durationMs), calls]).then(([load, ended]) => {
    process.send?.({ type: "victimLoad", healthy: load, attacked: ended } satisfies VictimLoad);
  });
});
process.send?.({ type: "ready" } satisfies Ready);

/** Calls for `durationMs`, and waits for the calls that are under way then. */
async function callEvil(client: SubjectClient, durationMs: number): Promise<AttackedCalls> {
  const endsAt = performance.now() + durationMs;
  const ended: Record<string, number> = {};
  let started = 0;
  let running = 0;
  let slowestMs = 0;
  let text: string | undefined;

  const callOn = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const startedAt = performance.now();
      started++;
      running++;
      const error = await new Promise<unknown>((resolve) => client.unary(payload, true, resolve));
      running--;
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      const code = codeOf(error);
      ended[code] = (ended[code] ?? 0) + 1;
      text ??= error instanceof Error ? error.message : undefined;
      await setTimeout(pauseMs);
    }
  };
  const all = Promise.all(Array.from({ length: attackedSlots }, callOn));
  await Promise.race([all, setTimeout(durationMs + timeoutMs + patienceMs)]);
  return { started, ended, unended: running, slowestMs, message: text };
}

/** Both libraries' errors carry the status code as a number. */
function codeOf(error: unknown): string {
  if (error === undefined) return "OK";
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "number" && Number.isInteger(code) && code > 0 && code <= 16 ? String(code) : "untyped";
}
