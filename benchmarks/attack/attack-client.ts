import type { Listening } from "../macro/messages.js";
import type { PinnedProcess } from "../macro/pinned-process.js";
import type { SubjectName } from "../macro/subjects/subject.js";
import { type ClientBench, idOf } from "./benches.js";
import type { Ready, Tally, ToAttacker, ToVictim, VictimLoad } from "./messages.js";
import type { AttackOptions } from "./options.js";
import type { Result } from "./result.js";
import { Attacked, type Cores, cpuShare, Rig, withPatience } from "./rig.js";
import { timesOf } from "./times.js";

/** One server that attacks, against one client. The client calls a healthy server too: godwit's, for both clients alike. */
export async function attackClient(
  bench: ClientBench,
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

async function run(rig: Rig, bench: ClientBench, cores: Cores, options: AttackOptions, result: Result): Promise<void> {
  const { subject, loads, vitals } = result;
  const times = timesOf(options.seconds);
  const [evil, { port: evilPort }] = await rig.start<Listening>("evil-main", [bench.evil], {
    core: cores.attackers,
    name: `evil server ${bench.evil}`,
  });
  const [, { port: healthyPort }] = await rig.start<Listening>("target-main", ["godwit"], {
    core: cores.healthy,
    name: "healthy server",
  });
  const [victim] = await rig.start<Ready>("victim-main", [subject, String(evilPort), String(healthyPort)], {
    core: cores.attacked,
    name: `${result.bench.replace("/", "-")}-${subject}`,
    profileFolder: options.profileFolder,
  });
  const client = new Attacked(victim);

  await client.learnIdle();
  await load(victim, times.warmUpMs, false);
  const warm = await client.vitals({ collect: true, reset: true });
  loads.idle = (await load(victim, times.idleMs, false)).healthy;
  vitals.idle = await client.vitals();
  result.cpuIdle = cpuShare(warm, vitals.idle, times.idleMs);
  vitals.before = await client.vitals({ collect: true, reset: true });

  evil.tell({ type: "start" } satisfies ToAttacker);
  const { healthy, attacked } = await load(victim, times.attackMs, true);
  loads.under = healthy;
  if (attacked !== undefined) result.attacked = attacked;
  vitals.under = await client.vitals();
  result.cpuUnder = cpuShare(vitals.before, vitals.under, times.attackMs);
  vitals.held = await client.vitals({ collect: true, reset: false });
  result.tallies.push(await withPatience(evil.ask<Tally>({ type: "stop" } satisfies ToAttacker)));

  const settledMs = await client.settle();
  if (settledMs !== undefined) result.cpuSettledMs = settledMs;
  loads.after = (await load(victim, times.afterMs, false)).healthy;
  vitals.after = await client.vitals({ collect: true, reset: false });
}

/** Its calls end within a few seconds of its time, whatever the servers do. */
function load(victim: PinnedProcess, durationMs: number, attacked: boolean): Promise<VictimLoad> {
  return victim.ask<VictimLoad>({ type: "load", durationMs, attacked } satisfies ToVictim);
}
