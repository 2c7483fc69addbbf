import type { MethodKind } from "../../../src/rpc/method-descriptor.js";
import type { SeededRandom } from "../../hpack/random.js";
import { largestPayload } from "./payload.js";

export type MetadataEntry = readonly [key: string, value: string | Uint8Array];

/** How a handler ends when nobody stops it. */
export type HandlerEnd = "ok" | "status" | "throw";

/** Everything that client and server will do in one call, decided beforehand. */
export interface CallPlan {
  readonly id: number;
  /** Which channel it goes through. */
  readonly channel: number;
  readonly kind: MethodKind;
  readonly startMs: number;
  readonly timeoutMs: number | undefined;
  /** Given as a Date instead. */
  readonly timeoutAsDate: boolean;
  /** The caller's signal aborts so long after the start. */
  readonly cancelAfterMs: number | undefined;
  readonly waitForReady: boolean;
  readonly compressed: boolean;
  readonly metadata: readonly MetadataEntry[];
  readonly requestSizes: readonly number[];
  /** Pauses of the client's source before a request. */
  readonly requestGapMs: number;
  /** What the requests come from. */
  readonly source: "array" | "generator" | "pushable";
  /** The source fails in place of this request. */
  readonly sourceFailsAt: number | undefined;
  readonly responseSizes: readonly number[];
  readonly responseGapMs: number;
  /** Pauses of the client's loop before it takes a response. */
  readonly readGapMs: number;
  /** The client leaves its loop behind so many responses. */
  readonly leaveAfter: number | undefined;
  /** Pauses of the handler before it takes a request. */
  readonly handlerReadGapMs: number;
  /** The handler reads so many requests and no more. */
  readonly readsOnly: number | undefined;
  /** A bidi handler answers while it reads, else behind the last request. */
  readonly answersWhileReading: boolean;
  readonly handlerDelayMs: number;
  readonly handlerEnd: HandlerEnd;
  /** A handler that returns a value, not a promise, where its kind allows. */
  readonly handlerIsSync: boolean;
  /** Looks at its signal, and stops when it aborts. */
  readonly handlerHeeds: boolean;
  readonly setsHeaders: boolean;
  readonly trailers: readonly MetadataEntry[];
  /** Of a call that may run several times; undefined: it must not. */
  readonly repeats: Repeats | undefined;
  /** Microtasks that client and handler wait between two steps: who comes first among promises is not what code may lean on. */
  readonly hops: readonly number[];
}

/** How a call comes to be repeated. */
export interface Repeats {
  /** So many runs of its handler fail with UNAVAILABLE before anything is answered. */
  readonly busyTimes: number;
  /** With how many milliseconds of pushback. */
  readonly pushbackMs: number | undefined;
  /** Attempts run beside each other. */
  readonly isHedged: boolean;
}

/** What a workload is like. */
export interface WorkloadHabits {
  readonly calls: number;
  readonly kinds: readonly MethodKind[];
  readonly channels: number;
  /** All calls start within it. */
  readonly startWithinMs: number;
  /** Pauses are at most so long. */
  readonly longestGapMs: number;
  readonly largestMessage: number;
  /** Bytes of a call in one direction, about: small windows make many frames of them. */
  readonly bytesPerDirection: number;
  readonly mostMessages: number;
  readonly timeouts: number;
  readonly cancels: number;
  readonly failures: number;
  /** Chance that a handler looks at its signal. */
  readonly heeds: number;
  /** Chance that a handler answers without a promise. */
  readonly sync: number;
}

export const allKinds: readonly MethodKind[] = ["unary", "client_streaming", "server_streaming", "bidi_streaming"];

export function drawCall(id: number, habits: WorkloadHabits, random: SeededRandom): CallPlan {
  const kind = random.pick(habits.kinds);
  const chance = (probability: number) => random.next() < probability;
  const gap = () => (chance(0.6) ? 0 : random.below(habits.longestGapMs * 4) / 4);
  const streamsIn = kind === "client_streaming" || kind === "bidi_streaming";
  const streamsOut = kind === "server_streaming" || kind === "bidi_streaming";
  const requestSizes = drawSizes(streamsIn, habits, random);
  const responseSizes = drawSizes(streamsOut, habits, random);
  return {
    id,
    channel: random.below(habits.channels),
    kind,
    startMs: chance(0.3) ? 0 : random.below(habits.startWithinMs),
    timeoutMs: chance(habits.timeouts) ? 1 + random.below(random.pick([10, 200, 3_000, 60_000])) : undefined,
    timeoutAsDate: chance(0.2),
    cancelAfterMs: chance(habits.cancels) ? random.below(random.pick([2, 20, 500, 5_000])) : undefined,
    waitForReady: chance(0.3),
    compressed: chance(0.15),
    metadata: drawMetadata(random, chance(0.03)),
    requestSizes,
    requestGapMs: gap(),
    source: random.pick(["array", "generator", "pushable"]),
    sourceFailsAt: streamsIn && chance(habits.failures / 4) ? random.below(requestSizes.length + 1) : undefined,
    responseSizes,
    responseGapMs: gap(),
    readGapMs: gap(),
    leaveAfter: streamsOut && chance(0.08) ? random.below(responseSizes.length + 1) : undefined,
    handlerReadGapMs: gap(),
    readsOnly: streamsIn && chance(0.1) ? random.below(requestSizes.length + 1) : undefined,
    answersWhileReading: chance(0.6),
    handlerDelayMs: gap(),
    handlerEnd: chance(habits.failures) ? random.pick(["status", "throw"]) : "ok",
    handlerIsSync: chance(habits.sync),
    handlerHeeds: chance(habits.heeds),
    setsHeaders: chance(0.3),
    trailers: chance(0.2) ? drawMetadata(random, false) : [],
    repeats: undefined,
    hops: chance(0.5) ? [] : [random.below(4), random.below(4), random.below(8)],
  };
}

/** The same call, to a service whose methods may be repeated. */
export function repeatable(plan: CallPlan, random: SeededRandom): CallPlan {
  const isHedged = (plan.kind === "unary" || plan.kind === "server_streaming") && random.below(4) === 0;
  const busyTimes = random.pick([0, 0, 1, 2, 3, 5]);
  const pushbackMs = random.pick([undefined, undefined, 0, 7]);
  return { ...plan, repeats: { isHedged, busyTimes, pushbackMs } };
}

function drawSizes(isStream: boolean, habits: WorkloadHabits, random: SeededRandom): number[] {
  const count = isStream ? random.below(1 + random.pick([2, 8, habits.mostMessages])) : 1;
  const sizes: number[] = [];
  let left = habits.bytesPerDirection;
  for (let i = 0; i < count; i++) {
    const most = Math.min(
      left,
      habits.largestMessage,
      largestPayload,
      random.pick([0, 20, 200, 5_000, 40_000, largestPayload]),
    );
    const size = random.below(most + 1);
    left -= size;
    sizes.push(size);
  }
  return sizes;
}

const values = ["", "a", "some value", "x".repeat(300), "~!@#$%^&*()", "0", "1234567890"];

function drawMetadata(random: SeededRandom, isHuge: boolean): MetadataEntry[] {
  const entries: MetadataEntry[] = [];
  for (let i = random.below(4); i > 0; i--) entries.push([`k${random.below(6)}`, random.pick(values)]);
  if (random.below(5) === 0) entries.push(["trace", random.text(24, "0123456789abcdef")]);
  if (random.below(5) === 0) entries.push(["blob-bin", random.bytes(random.below(40))]);
  if (isHuge) for (let i = 0; i < 40; i++) entries.push([`huge-${i}`, random.text(1_000, "abc")]);
  return entries;
}
