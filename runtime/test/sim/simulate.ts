import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { scheduleFaults } from "./disturbance.js";
import { checkCalls, checkClosed, checkQuiet, checkTimers } from "./invariants.js";
import { Simulation } from "./simulation.js";
import { type Violation, World } from "./world/world.js";

export interface SimResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Equal for equal seeds, on every Node. */
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly calls: number;
  readonly links: number;
}

/** Every call has a limit well below it, or waits for something that is. */
const endMs = 4 * 3_600_000;
/** Behind the last call: handlers that heed nothing end, windows are given back. */
const restMs = 120_000;

/** Lives through one seed from beginning to end. */
export async function simulate(seed: number, log?: (line: string) => void): Promise<SimResult> {
  const world = new World(seed);
  if (log !== undefined) world.log = (line) => log(`${world.now.toFixed(3).padStart(12)} ${line}`);
  const simulation = new Simulation(world);
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  try {
    await live(simulation);
    // Rejections are judged when the microtasks have run and nothing else is to do.
    await setImmediate();
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  for (const reason of rejections) world.violate("typed-errors", `nobody handles the rejection ${String(reason)}`);
  return {
    seed,
    violations: world.violations,
    traceHash: world.trace.toString(),
    virtualMs: world.now,
    events: world.queue.ran,
    calls: simulation.scenario.calls.length,
    links: simulation.network.links.length,
  };
}

async function live(simulation: Simulation): Promise<void> {
  const { world, scenario, servers, channels } = simulation;
  await simulation.start();
  scheduleFaults(simulation);
  await world.run(() => simulation.unsettledCalls === 0 || world.now > endMs);
  if (simulation.unsettledCalls === 0) checkTimers(simulation);
  if (world.now <= scenario.healAtMs) await world.run(() => world.now > scenario.healAtMs);
  const restUntil = world.now + restMs;
  await world.run(() => world.queue.nextAt > restUntil);
  checkCalls(simulation);
  checkQuiet(simulation);
  for (const entry of channels) simulation.closeChannel(entry, 0);
  await world.run(() => false);
  for (const server of servers) if (!server.process.isDead) void server.close(0);
  await world.run(() => false);
  checkClosed(simulation);
}
