import type { Listening } from "../macro/messages.js";
import type { PinnedProcess } from "../macro/pinned-process.js";
import type { SubjectName } from "../macro/subjects/subject.js";
import { idOf, type ServerBench } from "./benches.js";
import type { Load, Probe, Ready, Tally, ToAttacker, ToHealthy } from "./messages.js";
import type { AttackOptions } from "./options.js";
import type { Result } from "./result.js";
import { Attacked, type Cores, cpuShare, Rig, withPatience } from "./rig.js";
import { timesOf } from "./times.js";

/** One bench against one server: a healthy client beside it before, during and after. */
export async function attackServer(
  bench: ServerBench,
  subject: SubjectName,
  cores: Cores,
  options: AttackOptions,
): Promise<Result> {
  const rig = new Rig();
  const result: Result = { bench: idOf(bench), subject, loads: {}, vitals: {}, tallies: [] };
  try {
    await run(rig, bench, cores, options, result);
  } catch (error) {
    result.lost = error instanceof Error ? error.message : String(error);
  } finally {
    await rig.stop();
  }
  return result;
}

async function run(rig: Rig, bench: ServerBench, cores: Cores, options: AttackOptions, result: Result): Promise<void> {
  const { subject, loads, vitals } = result;
  const times = timesOf(options.seconds, bench.leastSeconds);
  const [server, { port }] = await rig.start<Listening>("target-main", [subject], {
    core: cores.attacked,
    name: `${result.bench.replace("/", "-")}-${subject}`,
    profileFolder: options.profileFolder,
    fileLimit: bench.fileLimit,
  });
  const target = new Attacked(server);
  const [healthy] = await rig.start<Ready>("healthy-main", [options.client, String(port)], {
    core: cores.healthy,
    name: "healthy",
  });
  const attackers: PinnedProcess[] = [];
  for (let i = 0; i < bench.attackers; i++) {
    const place = { core: cores.attackers, name: `attacker ${i}` };
    attackers.push((await rig.start<Ready>("attacker-main", [bench.attack, String(port)], place))[0]);
  }

  await target.learnIdle();
  await load(healthy, times.warmUpMs);
  const warm = await target.vitals({ collect: true, reset: true });
  loads.idle = await load(healthy, times.idleMs);
  vitals.idle = await target.vitals();
  result.cpuIdle = cpuShare(warm, vitals.idle, times.idleMs);
  vitals.before = await target.vitals({ collect: true, reset: true });

  for (const attacker of attackers) attacker.tell({ type: "start" } satisfies ToAttacker);
  loads.under = await load(healthy, times.attackMs);
  vitals.under = await target.vitals();
  result.cpuUnder = cpuShare(vitals.before, vitals.under, times.attackMs);
  vitals.held = await target.vitals({ collect: true, reset: false });
  const stop: ToAttacker = { type: "stop" };
  for (const attacker of attackers) result.tallies.push(await withPatience(attacker.ask<Tally>(stop)));

  const settledMs = await target.settle();
  if (settledMs !== undefined) result.cpuSettledMs = settledMs;
  result.probe = await withPatience(healthy.ask<Probe>({ type: "probe" } satisfies ToHealthy));
  loads.after = await load(healthy, times.afterMs);
  vitals.after = await target.vitals({ collect: true, reset: false });
}

function load(healthy: PinnedProcess, durationMs: number): Promise<Load> {
  return healthy.ask<Load>({ type: "load", durationMs } satisfies ToHealthy);
}
