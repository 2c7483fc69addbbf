import { isStatusCode, StatusCode, statusCodeName } from "../../src/rpc/status-code.js";
import type { ConnectionReport } from "../../src/transport/transport.js";
import { defaultTransportLimits } from "../../src/transport/transport-limits.js";
import { checkRepeats, checkThrottle } from "./repeat-laws.js";
import type { Simulation } from "./simulation.js";
import type { CallPlan } from "./workload/call-plan.js";
import { callKey, plannedMessage } from "./workload/handlers.js";
import type { ClientRecord, ServerRecord } from "./workload/journal.js";
import { textOfMetadata } from "./workload/metadata-text.js";
import type { World } from "./world/world.js";

/** Tag and length of a message's one field, at most. */
const messageOverhead = 4;

/** Virtual clocks of processes with an offset lose a little in the addition. */
const roundingMs = 0.001;

/** What holds once every call has ended: of each call, and of each handler. */
export function checkCalls(simulation: Simulation): void {
  const { journal, world, scenario } = simulation;
  for (const plan of scenario.calls) {
    const record = journal.client[plan.id];
    if (record === undefined || record.process.isDead) continue;
    if (record.settledAt === undefined) {
      world.violate("progress", `call ${plan.id} (${plan.kind}) never ended`);
      continue;
    }
    checkEnd(simulation, record, record.settledAt);
    checkDelivery(simulation, record);
    checkRepeats(simulation, record);
  }
  checkThrottle(simulation);
  for (const record of journal.server) checkHandler(simulation, record);
}

function checkEnd(simulation: Simulation, record: ClientRecord, settledAt: number): void {
  const { plan, error } = record;
  const { world } = simulation;
  const lateMs = settledAt - record.deadlineAt - latenessOf(simulation, record);
  if (lateMs > roundingMs && !record.hasLeft && !isReadLate(record)) {
    world.violate("deadline", `call ${plan.id} ended ${lateMs} ms behind its deadline`);
  }
  if (error === undefined) {
    if (record.hasLeft) return;
    checkAnswer(simulation, record);
    if (plan.handlerEnd !== "ok") world.violate("messages", `call ${plan.id} ended with OK, its handler fails`);
    if (record.responses !== plan.responseSizes.length) {
      world.violate(
        "messages",
        `call ${plan.id} ended with OK behind ${record.responses} of ${plan.responseSizes.length} responses`,
      );
    }
    return;
  }
  if (error.code === StatusCode.FAILED_PRECONDITION) checkAnswer(simulation, record);
  const allowed = allowedCodes(simulation, record);
  if (!isStatusCode(error.code) || error.statusMessage === "" || error.delivery === undefined) {
    world.violate(
      "typed-errors",
      `call ${plan.id} ended with ${String(error.code)} ${error.message}, delivery ${error.delivery}`,
    );
  }
  if (!allowed.has(error.code)) {
    const names = [...allowed].map(statusCodeName).join();
    world.violate("outcome", `call ${plan.id} (${plan.kind}) ended with ${error.message}, expected OK or ${names}`);
  }
  if (error.code === StatusCode.DEADLINE_EXCEEDED && settledAt < record.deadlineAt - roundingMs) {
    // A server counts from the arrival, and what it is told is rounded up: it cannot be early either.
    world.violate(
      "deadline",
      `call ${plan.id} ended with ${error.message} ${record.deadlineAt - settledAt} ms too early`,
    );
  }
}

/** The handler's own end came with all that it said. */
function checkAnswer({ world }: Simulation, { plan, info, error }: ClientRecord): void {
  const trailers = textOfMetadata(info.trailers, callKey);
  const sent = textOfMetadata(plan.trailers, callKey);
  if (trailers !== sent)
    world.violate("messages", `trailers of call ${plan.id} are "${trailers}", sent were "${sent}"`);
  if (plan.setsHeaders && info.headers.get(callKey) !== String(plan.id)) {
    world.violate("messages", `headers of call ${plan.id} are "${textOfMetadata(info.headers, "")}"`);
  }
  if (error !== undefined && error.statusMessage !== plannedMessage(plan.id)) {
    world.violate("messages", `the handler of call ${plan.id} did not say ${JSON.stringify(error.statusMessage)}`);
  }
}

/** A call that was lost on its way had a connection that was lost, or was being lost, when it ended. */
export function checkExcuse({ world, watch }: Simulation, { plan, error, process }: ClientRecord): void {
  if (error?.code !== StatusCode.UNAVAILABLE || process.isDead || isBusy(plan)) return;
  if (error.delivery === "not-sent" || error.delivery === "not-processed") return;
  const sightings = watch.sightings[plan.id] ?? [];
  // One that was still to be written when its connection went is not seen anywhere.
  const isExcused =
    sightings.length === 0 ||
    sightings.some(({ link, observer }) => {
      return link.faults > 0 || !link.isWhole || observer.view.server.goAways + observer.view.client.goAways > 0;
    });
  if (!isExcused)
    world.violate("outcome", `call ${plan.id} ended with ${error.message}, and its connection is in order`);
}

/** A caller that takes its time between two messages hears of the end when it comes back. */
function isReadLate({ plan }: ClientRecord): boolean {
  return plan.readGapMs > 0 && (plan.kind === "server_streaming" || plan.kind === "bidi_streaming");
}

function latenessOf({ scenario }: Simulation, { process, deadlineAt }: ClientRecord): number {
  return scenario.habits.timerLatenessMs + Math.max(0, process.standsStillUntil - deadlineAt);
}

function allowedCodes(simulation: Simulation, record: ClientRecord): Set<StatusCode> {
  const { scenario, channels } = simulation;
  const { plan } = record;
  const allowed = new Set<StatusCode>();
  if (plan.handlerEnd === "status") allowed.add(StatusCode.FAILED_PRECONDITION);
  if (plan.handlerEnd === "throw") allowed.add(StatusCode.UNKNOWN);
  if (plan.timeoutMs !== undefined) allowed.add(StatusCode.DEADLINE_EXCEEDED);
  if (record.cancelledAt !== undefined || plan.sourceFailsAt !== undefined) allowed.add(StatusCode.CANCELLED);
  if (scenario.maxConcurrentCalls !== Number.POSITIVE_INFINITY || isHuge(simulation, record))
    allowed.add(StatusCode.RESOURCE_EXHAUSTED);
  if (scenario.mood !== "calm" || isBusy(plan)) allowed.add(StatusCode.UNAVAILABLE);
  const channel = channels[plan.channel];
  if (channel !== undefined && channel.closedAt <= (record.settledAt ?? 0)) allowed.add(StatusCode.CANCELLED);
  return allowed;
}

/** Its handler may say that there is too much to do. */
function isBusy({ repeats }: CallPlan): boolean {
  return repeats !== undefined && repeats.busyTimes > 0;
}

/** A header list, or a message, above a limit of either side. */
function isHuge({ scenario }: Simulation, { plan }: ClientRecord): boolean {
  if (plan.metadata.length > 30) return true;
  const client = { ...defaultTransportLimits, ...scenario.channels[plan.channel]?.limits };
  const server = { ...defaultTransportLimits, ...scenario.serverLimits };
  // What the toy compressor cannot make smaller it makes twice as large.
  const growth = plan.compressed || scenario.serverCompression !== undefined ? 2 : 1;
  const isAbove = (sizes: readonly number[], limit: number) =>
    sizes.some((size) => growth * (size + messageOverhead) > limit);
  const requestLimit = Math.min(client.maxSendMessageBytes, server.maxReceiveMessageBytes);
  const responseLimit = Math.min(server.maxSendMessageBytes, client.maxReceiveMessageBytes);
  return isAbove(plan.requestSizes, requestLimit) || isAbove(plan.responseSizes, responseLimit);
}

/** What an error says of the call's effect is true, and no call runs twice. */
function checkDelivery(simulation: Simulation, { plan, error }: ClientRecord): void {
  const { journal, watch, world, scenario } = simulation;
  const isInProcess = scenario.channels[plan.channel]?.target === "inProcess";
  const runs = journal.handlersOf(plan.id).length;
  const sightings = watch.sightings[plan.id] ?? [];
  if (runs > 1 && plan.repeats === undefined)
    world.violate("delivery", `the handler of call ${plan.id} ran ${runs} times`);
  if (error === undefined) {
    if (runs === 0) world.violate("delivery", `call ${plan.id} ended without an error, and its handler never ran`);
    return;
  }
  const { delivery } = error;
  if (delivery === "not-sent" && sightings.length > 0) {
    world.violate("delivery", `call ${plan.id} is said not to have been sent: ${error.message}`);
  }
  if (delivery === "not-processed" && runs > 0) {
    world.violate("delivery", `call ${plan.id} is said not to have been processed: ${error.message}`);
  }
  if (delivery === "processed" && !isInProcess && !sightings.some(({ view }) => view.client.seenBlocks > 0)) {
    world.violate("delivery", `call ${plan.id} is said to have been processed, and no answer came: ${error.message}`);
  }
  if (
    scenario.mood === "drain" &&
    !isBusy(plan) &&
    error.code === StatusCode.UNAVAILABLE &&
    delivery !== "not-sent" &&
    delivery !== "not-processed"
  ) {
    world.violate("goaway", `call ${plan.id} was lost to a server that only drained: ${error.message} (${delivery})`);
  }
}

function checkHandler({ world, journal }: Simulation, record: ServerRecord): void {
  const { plan, process } = record;
  if (process.isDead) return;
  if (record.endedAt === undefined) world.violate("no-leaks", `the handler of call ${plan.id} has not ended`);
  if (record.requestsEnd === "complete" && record.requests !== plan.requestSizes.length) {
    const message = `the requests of call ${plan.id} seemed complete: ${record.requests} of ${plan.requestSizes.length}`;
    world.violate("messages", message);
  }
  const client = journal.client[plan.id];
  if (record.requestsEnd === "complete" && client?.sourceIsDone === false) {
    world.violate("messages", `the requests of call ${plan.id} seemed complete, and its source had more`);
  }
  if (plan.handlerHeeds && record.endedAt !== undefined && record.abortedAt === undefined) {
    const lateMs = record.endedAt - record.deadline - process.habits.timerLatenessMs;
    const still = Math.max(0, process.standsStillUntil - record.deadline);
    if (lateMs - still > roundingMs)
      world.violate("deadline", `the handler of call ${plan.id} ran ${lateMs} ms past its deadline`);
  }
}

/** Timers that a channel without calls may have: of its resolver, of the end of a connection, and of its own idleness. */
const idleTimers = 3;

/** What holds when the last call has just ended: no timer of a call is left. */
export function checkTimers({ channels, network, scenario, world }: Simulation): void {
  for (const { process, channel } of channels) {
    if (process.isDead || channel === undefined) continue;
    const links = network.links.filter((link) => link.client.process === process && !link.client.isClosed).length;
    const its = channels.filter((other) => other.process === process).length;
    const most = its * (idleTimers + scenario.servers) + links;
    if (process.timers > most) world.violate("no-leaks", `${process.name} has ${process.timers} timers and no call`);
  }
}

/** What holds once nothing moves any more, with every connection still there. */
export function checkQuiet(simulation: Simulation): void {
  const { network, watch, channels, servers, world } = simulation;
  for (const link of network.links) {
    if (!link.isWhole || link.client.process.isDead || link.server.process.isDead || link.faults > 0) continue;
    watch.observers.get(link)?.checkQuiet();
  }
  for (const { process, reports } of servers)
    if (!process.isDead) for (const report of reports) checkReport(world, process.name, report);
  for (const { process, channel } of channels) {
    if (process.isDead || channel === undefined) continue;
    const { runningCalls, waitingCalls } = channel.describe();
    if (runningCalls + waitingCalls > 0) {
      world.violate(
        "no-leaks",
        `${process.name} has ${runningCalls} calls running and ${waitingCalls} waiting, and none is left`,
      );
    }
  }
}

/** A connection without calls holds nothing. */
function checkReport(world: World, name: string, report: ConnectionReport): void {
  const { activeCalls, waitingCalls, retainedHeaderBytes, incompleteBytes, unreadBytes } = report;
  if (activeCalls + waitingCalls + retainedHeaderBytes + incompleteBytes + unreadBytes === 0) return;
  const held = JSON.stringify({ activeCalls, waitingCalls, retainedHeaderBytes, incompleteBytes, unreadBytes });
  world.violate("no-leaks", `a connection of ${name} holds ${held}, and no call is left`);
}

/** What holds once everything has been closed. */
export function checkClosed(simulation: Simulation): void {
  const { network, channels, servers, formerServers, processes, world } = simulation;
  for (const { process, channel, isClosed } of channels) {
    if (channel !== undefined && !process.isDead && !isClosed)
      world.violate("no-leaks", `the channel of ${process.name} did not close`);
  }
  for (const { process, isClosed } of [...servers, ...formerServers]) {
    if (!process.isDead && !isClosed) world.violate("no-leaks", `${process.name} did not close`);
  }
  for (const link of network.links) {
    for (const end of [link.client, link.server]) {
      if (!end.isClosed && !end.process.isDead)
        world.violate("no-leaks", `link ${link.id}: the end of ${end.process.name} is open`);
    }
  }
  for (const process of processes) {
    if (process.isDead) continue;
    if (process.timers > 0) world.violate("no-leaks", `${process.name} left ${process.timers} timers behind`);
    if (process.waitingTurns > 0)
      world.violate("no-leaks", `${process.name} left ${process.waitingTurns} turns behind`);
  }
}
