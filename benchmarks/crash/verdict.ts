/** What the journals must show. Pure: nothing here runs anything. */
import type { CallRecord, CrashRecord, RunRecord } from "./record.js";

/** Past its deadline, that a call may end. */
export const lateLimitMs = 50;
/** Calls that are named in a sentence. */
const named = 3;

/** One sentence for each thing that is not as it should be. */
export function findFailures(record: CrashRecord): string[] {
  const { calls, timeoutMs } = record;
  const started = countStarts(record.runs);
  const done = new Set(record.runs.filter(({ event }) => event === "done").map(({ id }) => id));
  const known = new Set(calls.map(({ id }) => id));
  const limitMs = timeoutMs + lateLimitMs;
  const isStarted = ({ id }: CallRecord): boolean => started.has(id);
  return [
    sentence(
      "ran twice and must not",
      calls.filter(({ id, isIdempotent }) => !isIdempotent && (started.get(id) ?? 0) > 1),
    ),
    sentence(
      "ended with OK and are in no server's journal",
      calls.filter(({ id, code }) => code === "OK" && !done.has(id)),
    ),
    sentence(
      "never ended",
      calls.filter(({ code }) => code === undefined),
    ),
    sentence(
      `ended later than ${limitMs} ms after they began`,
      calls.filter(({ code, tookMs }) => code !== undefined && tookMs > limitMs),
    ),
    sentence("may be repeated and failed", calls.filter(failedInVain)),
    sentence(
      "failed without a word of their delivery",
      calls.filter(({ code, delivery }) => hasFailed(code) && delivery === undefined),
    ),
    sentence(
      "were said not to have been processed, and ran",
      calls.filter((call) => (call.delivery === "not-sent" || call.delivery === "not-processed") && isStarted(call)),
    ),
    sentence(
      "were said to have been processed, and never ran",
      calls.filter((call) => call.delivery === "processed" && !isStarted(call)),
    ),
    sentence("ran, and the client knows nothing of them", [...started.keys()].filter((id) => !known.has(id)).map(byId)),
    meetsNothing(calls, started) ? "the kills met no call: nothing was tested" : "",
  ].filter((failure) => failure !== "");
}

/** A stream that had begun to answer is committed (gRFC A6): it cannot be tried again, and its caller has the beginning. */
export function brokeInAnswer({ kind, code, answers, delivery }: CallRecord): boolean {
  return hasFailed(code) && kind === "server stream" && answers > 0 && delivery === "processed";
}

/** How often the handler of each id began, in all processes together. */
export function countStarts(runs: readonly RunRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id, event } of runs) if (event === "started") counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function failedInVain(call: CallRecord): boolean {
  return call.isIdempotent && hasFailed(call.code) && !brokeInAnswer(call);
}

function hasFailed(code: string | undefined): boolean {
  return code !== undefined && code !== "OK";
}

/** Of a kill under load come calls whose fate nobody knows, or that ran once more. */
function meetsNothing(calls: readonly CallRecord[], started: ReadonlyMap<string, number>): boolean {
  return !calls.some(({ id, delivery }) => delivery === "unknown" || (started.get(id) ?? 0) > 1);
}

function byId(id: string): { readonly id: string } {
  return { id };
}

function sentence(what: string, calls: readonly (Partial<CallRecord> & { readonly id: string })[]): string {
  if (calls.length === 0) return "";
  const first = calls.slice(0, named).map(({ id, kind, message }) => {
    return [id, kind, message].filter((part) => part !== undefined).join(": ");
  });
  return `${calls.length} calls ${what}, the first: ${first.join("; ")}`;
}
