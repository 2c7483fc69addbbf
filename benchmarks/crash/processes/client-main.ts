/** The client: `client-main.js TARGET SEED IN-FLIGHT JOURNAL [plant]`. */
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { createChannel, createClient, insecure } from "godwit";
import { JournalService } from "../../gen/godwit/testing/v1/journal_godwit.js";
import { seededRandom } from "../../support/seeded-random.js";
import { Journal } from "../journal.js";
import { Load, timeoutMs } from "../load.js";
import type { FromClient, ToClient } from "../messages.js";

const [target = "", seed, inFlight, path = "", plant] = process.argv.slice(2);
const journal = new Journal(path);
const channel = createChannel(target, { credentials: insecure(), loadBalancing: "round_robin" });

/** Whom the coordinator waits for, and since when. */
let awaited: { readonly instance: string; readonly since: number } | undefined;

const load = new Load({
  client: createClient(JournalService, channel),
  random: seededRandom(Number(seed)),
  plant: plant !== undefined,
  onEnd: (call) => journal.add(call),
  onAnswer: (instance, startedAt) => {
    if (awaited === undefined || awaited.instance !== instance || startedAt < awaited.since) return;
    awaited = undefined;
    tell({ type: "done" });
  },
});

function tell(message: FromClient): void {
  process.send?.(message);
}

process.on("disconnect", () => process.exit(1));
process.on("message", (question: ToClient) => {
  if (question.type === "stop") stop();
  else awaited = { instance: question.instance, since: performance.now() };
});
const running = load.run(Number(inFlight));
tell({ type: "ready" });

/** What has not ended in twice its time never will. */
async function stop(): Promise<void> {
  load.stop();
  await Promise.race([running, setTimeout(2 * timeoutMs)]);
  for (const call of load.unended()) journal.add(call);
  tell({ type: "done" });
}
