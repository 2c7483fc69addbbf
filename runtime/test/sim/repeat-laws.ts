import { StatusCode } from "../../src/rpc/status-code.js";
import type { Sighting } from "./observer/wire-watch.js";
import type { Simulation } from "./simulation.js";
import type { CallPlan } from "./workload/call-plan.js";
import { simHedging } from "./workload/caller.js";
import type { ClientRecord, ServerRecord } from "./workload/journal.js";

/** Of the default policy (docs/concepts/retries.md). */
const maxRetryAttempts = 4;
/** Failures that no throttle of the default size has counted as too many. */
const unthrottledFailures = 40;
/** Less than what a call may keep, with room for what messages count beside their bytes. */
const keptBytes = 900_000;

/** What gRFC A6 says of calls that may run several times, looked at from the wire and from the handlers. */
export function checkRepeats(simulation: Simulation, record: ClientRecord): void {
  const { plan } = record;
  if (plan.repeats === undefined) return;
  const runs = simulation.journal.handlersOf(plan.id);
  const sightings = simulation.watch.sightings[plan.id] ?? [];
  const most = plan.repeats.isHedged ? (simHedging.maxAttempts ?? 0) : maxRetryAttempts;
  checkNumbers(simulation, plan, runs, sightings, most);
  if (!plan.repeats.isHedged) {
    checkCommit(simulation, plan, sightings);
    checkModel(simulation, record, runs.length);
  }
}

/** Each attempt runs once; only the first is sent a second time, when the first time proved to be without effect. */
function checkNumbers(
  { world }: Simulation,
  plan: CallPlan,
  runs: readonly ServerRecord[],
  sightings: readonly Sighting[],
  most: number,
): void {
  const ran = runs.map(({ attempt }) => attempt);
  const sent = sightings.map(({ view }) => view.attempt);
  if (new Set(ran).size !== ran.length || Math.max(0, ...ran, ...sent) > most) {
    world.violate(
      "attempts",
      `call ${plan.id} ran as attempts ${ran.join()} of ${most}, and was sent as ${sent.join()}`,
    );
  }
  for (const attempt of new Set(sent)) {
    const times = sent.filter((other) => other === attempt).length;
    if (times > (attempt === 1 ? 2 : 1)) {
      world.violate("attempts", `attempt ${attempt} of call ${plan.id} was sent ${times} times`);
    }
  }
}

/** Behind headers that the client has read, other than Trailers-Only, no attempt follows. */
function checkCommit({ world }: Simulation, plan: CallPlan, sightings: readonly Sighting[]): void {
  for (const { view, link } of sightings) {
    const { seenBlocks, seenEnd } = view.client;
    const isCommitted = seenBlocks > 1 || (seenBlocks === 1 && !seenEnd);
    if (!isCommitted || !link.isWhole || link.faults > 0) continue;
    if (!sightings.some((other) => other.view.attempt > view.attempt)) continue;
    world.violate("commit", `call ${plan.id} was tried again behind the headers of attempt ${view.attempt}`);
  }
}

/** Where nothing else can end it, a call makes as many attempts as it takes. */
function checkModel(simulation: Simulation, { plan, error }: ClientRecord, runs: number): void {
  if (plan.repeats === undefined || !isUndisturbed(simulation, plan)) return;
  const expected = Math.min(plan.repeats.busyTimes + 1, maxRetryAttempts);
  const isAnswered = plan.repeats.busyTimes < maxRetryAttempts;
  const { world } = simulation;
  if (runs !== expected)
    world.violate("attempts", `call ${plan.id} ran ${runs} times, its policy makes it ${expected}`);
  if (isAnswered === (error?.code === StatusCode.UNAVAILABLE)) {
    world.violate("attempts", `call ${plan.id} ended with ${error?.message ?? "OK"} behind ${runs} attempts`);
  }
  if (!isAnswered && (error?.attempts !== expected || error.history.length !== expected)) {
    world.violate("attempts", `call ${plan.id} tells of ${error?.attempts} and ${error?.history.length} attempts`);
  }
}

function isUndisturbed({ scenario, channels }: Simulation, plan: CallPlan): boolean {
  const { mood, throttling, maxConcurrentCalls, calls } = scenario;
  const failures = calls.reduce((sum, { repeats }) => sum + (repeats?.busyTimes ?? 0), 0);
  const isShort = plan.kind !== "bidi_streaming" && plan.metadata.length < 30;
  const isLeftAlone = plan.timeoutMs === undefined && plan.cancelAfterMs === undefined && plan.leaveAfter === undefined;
  const bytes = plan.requestSizes.reduce((sum, size) => sum + size, 0);
  const limits = [scenario.serverLimits, scenario.channels[plan.channel]?.limits ?? {}];
  const mayBeTooLarge = limits.some(
    ({ maxReceiveMessageBytes = keptBytes, maxSendMessageBytes = keptBytes }) =>
      Math.min(maxReceiveMessageBytes, maxSendMessageBytes) < keptBytes,
  );
  return (
    mood === "calm" &&
    throttling === undefined &&
    maxConcurrentCalls === Number.POSITIVE_INFINITY &&
    failures <= unthrottledFailures &&
    isShort &&
    isLeftAlone &&
    plan.sourceFailsAt === undefined &&
    !plan.setsHeaders &&
    bytes < keptBytes &&
    !mayBeTooLarge &&
    channels[plan.channel]?.closedAt === Number.POSITIVE_INFINITY
  );
}

/** Tokens last for so many retries and no more: each is preceded by a failure that took one, and left more than half. */
export function checkThrottle({ scenario, channels, watch, world, processes }: Simulation): void {
  const { throttling } = scenario;
  if (throttling === undefined) return;
  for (const process of processes) {
    const its = scenario.calls.filter(({ channel }) => channels[channel]?.process === process);
    const retries = its
      .filter(({ repeats }) => repeats?.isHedged === false)
      .flatMap(({ id }) => watch.sightings[id] ?? [])
      .filter(({ view }) => view.attempt > 1).length;
    const targets = new Set(channels.filter((entry) => entry.process === process).map(({ plan }) => plan.target)).size;
    const most = targets * (throttling.maxTokens / 2 + throttling.tokenRatio * its.length);
    if (retries > 0 && retries >= most) {
      world.violate("throttle", `${process.name} made ${retries} retries, its tokens last for fewer than ${most}`);
    }
  }
}
