import type { Link } from "./network/link.js";
import type { PlannedFault } from "./scenario.js";
import type { SimServer } from "./sim-server.js";
import { hostOf, type Simulation, serviceName } from "./simulation.js";

/** Does to a simulation what its scenario has planned. */
export function scheduleFaults(simulation: Simulation): void {
  const { scenario, world, network } = simulation;
  for (const fault of scenario.faults) world.queue.schedule(fault.atMs, () => disturb(simulation, fault));
  world.queue.schedule(scenario.healAtMs, () => {
    world.note("healed");
    network.isHealed = true;
    network.hosts.set(serviceName, simulation.addresses);
  });
}

function disturb(simulation: Simulation, { kind }: PlannedFault): void {
  const { world, dice, scenario } = simulation;
  switch (kind) {
    case "reset":
    case "halfClose":
    case "truncate":
      anyLink(simulation)?.fault(kind, dice.pick(["client", "server"]));
      return;
    case "stall": {
      const until = Math.min(world.now + dice.below(dice.pick([10, 1_000, 60_000])), scenario.healAtMs);
      anyLink(simulation)?.stall(until, dice.pick(["client", "server", "both"]));
      return;
    }
    case "crashServer":
      crashServer(simulation, dice.below(simulation.servers.length));
      return;
    case "restartServer":
      restartServer(simulation, dice.below(simulation.servers.length));
      return;
    case "crashClient":
      crashClient(simulation);
      return;
    case "flipNames":
      flipNames(simulation);
      return;
    case "freezeProcess": {
      const process = dice.pick(simulation.processes);
      const until = world.now + dice.below(dice.pick([5, 500, 30_000]));
      world.note(`${process.name} stands still until ${until}`);
      process.standsStillUntil = Math.max(process.standsStillUntil, until);
      return;
    }
    case "jumpClock":
      dice.pick(simulation.processes).wallClockJumpMs += dice.pick([-3_600_000, -10, 1_000, 86_400_000]);
      return;
    case "closeChannel": {
      const entry = dice.pick(simulation.channels);
      simulation.closeChannel(entry, entry.plan.closeGraceMs);
    }
  }
}

function anyLink({ network, dice }: Simulation): Link | undefined {
  const whole = network.links.filter((link) => link.isWhole);
  return whole.length === 0 ? undefined : dice.pick(whole);
}

/** Its connections end without a word from it, and another process takes its place. */
function crashServer(simulation: Simulation, index: number): void {
  const { world, dice, network } = simulation;
  const server = simulation.servers[index] as SimServer;
  if (server.process.isDead) return;
  world.note(`${server.process.name} crashes`);
  server.process.isDead = true;
  simulation.forgetCallsOf(server.process);
  const withReset = dice.below(2) === 0;
  for (const link of network.links) if (link.server.process === server.process) link.server.abandon(withReset);
  const restartMs = dice.below(dice.pick([1, 3_000]));
  world.queue.schedule(world.now + restartMs, () => {
    simulation.servers[index] = simulation.startServer(index);
  });
}

/** It is closed and lets its calls run on; its address is taken over as soon as it is free. */
function restartServer(simulation: Simulation, index: number): void {
  const { world, dice } = simulation;
  const server = simulation.servers[index] as SimServer;
  if (server.closing !== undefined || !server.isListening || server.process.isDead) return;
  const graceMs =
    simulation.scenario.mood === "drain"
      ? Number.POSITIVE_INFINITY
      : dice.pick([0, 5, 10_000, Number.POSITIVE_INFINITY]);
  world.note(`${server.process.name} is closed within ${graceMs} ms`);
  void server.close(graceMs);
  simulation.formerServers.push(server);
  const restartMs = 1 + dice.below(dice.pick([1, 3_000]));
  world.queue.schedule(world.now + restartMs, () => {
    simulation.servers[index] = simulation.startServer(index);
  });
}

function crashClient(simulation: Simulation): void {
  const { world, dice, network } = simulation;
  const { process, channel } = dice.pick(simulation.channels);
  if (process.isDead || channel === undefined) return;
  world.note(`${process.name} crashes`);
  process.isDead = true;
  simulation.forgetCallsOf(process);
  const withReset = dice.below(2) === 0;
  for (const link of network.links) if (link.client.process === process) link.client.abandon(withReset);
}

function flipNames({ network, dice, scenario }: Simulation): void {
  const hosts = Array.from({ length: scenario.servers }, (_, i) => hostOf(i)).filter(() => dice.below(2) === 0);
  if (dice.below(2) === 0) hosts.reverse();
  if (hosts.length === 0) network.hosts.delete(serviceName);
  else network.hosts.set(serviceName, hosts);
}
