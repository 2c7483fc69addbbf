import type { RetryThrottlingInit } from "../../src/service-config/service-config-init.js";
import type { LimitOptions } from "../../src/transport/transport-limits.js";
import type { SeededRandom } from "../hpack/random.js";
import { calmLink, drawLinkProfile, type LinkProfile, slowLink } from "./network/link-profile.js";
import { allKinds, type CallPlan, drawCall, repeatable, type WorkloadHabits } from "./workload/call-plan.js";
import type { ProcessHabits } from "./world/sim-process.js";
import type { World } from "./world/world.js";

/** What is done to the world while calls run. */
export type FaultKind =
  | "reset"
  | "halfClose"
  | "truncate"
  | "stall"
  | "crashServer"
  | "restartServer"
  | "crashClient"
  | "flipNames"
  | "freezeProcess"
  | "jumpClock"
  | "closeChannel";

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly atMs: number;
}

/** How wild it gets: `calm` lets no call fail that was not meant to; `drain` only closes servers gently. */
export type Mood = "calm" | "drain" | "rough";

/** Everything that a seed decides before time begins. */
export interface Scenario {
  readonly mood: Mood;
  readonly calls: readonly CallPlan[];
  /** Of retries, undefined: the default. */
  readonly throttling: RetryThrottlingInit | undefined;
  readonly channels: readonly ChannelPlan[];
  readonly connecting: ConnectingHabits;
  readonly servers: number;
  readonly serverLimits: LimitOptions;
  readonly serverCompression: string | undefined;
  readonly maxConcurrentCalls: number;
  readonly faults: readonly PlannedFault[];
  /** Chance that a new connection breaks at some byte. */
  readonly brokenLinks: number;
  readonly refusals: number;
  readonly blackHoles: number;
  readonly lookupFailures: number;
  readonly lookupMs: number;
  /** Every connection has the same manners, or each its own. */
  readonly sameProfile: LinkProfile | undefined;
  readonly habits: ProcessHabits;
  /** From here on nothing is disturbed any more. */
  readonly healAtMs: number;
}

/** How the channels of a world come to their connections, and what they do with them. */
export interface ConnectingHabits {
  /** They live in one process, with equal options: channels to one address have one connection. */
  readonly isShared: boolean;
  /** Connections to one address (gRFC A105). */
  readonly maxConnections: number;
  /** Silence after which a connection is asked for a sign of life before it carries a call. */
  readonly verifyIdleMs: number;
  readonly idleTimeoutMs: number;
}

export interface ChannelPlan {
  readonly limits: LimitOptions;
  /** Names its server, gives its addresses, or lives in the process of the first. */
  readonly target: "dns" | "ipv4" | "inProcess";
  readonly interceptors: "none" | "checked" | "async";
  readonly closeGraceMs: number;
}

const roughFaults: readonly FaultKind[] = [
  "reset",
  "reset",
  "halfClose",
  "truncate",
  "stall",
  "stall",
  "crashServer",
  "restartServer",
  "crashClient",
  "flipNames",
  "freezeProcess",
  "jumpClock",
  "closeChannel",
];

export function drawScenario(world: World): Scenario {
  const random = world.random(3);
  const mood = random.pick<Mood>(["calm", "calm", "drain", "drain", "rough", "rough", "rough"]);
  const isStampede = random.below(7) === 0;
  const drawn = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => drawChannel(random));
  const connecting = drawConnecting(world.random(5));
  const alike = connecting.isShared ? drawn.map((plan) => ({ ...plan, limits: drawn[0]?.limits ?? {} })) : drawn;
  const hasTinyWindows = isStampede && random.below(2) === 0;
  const channels = hasTinyWindows ? alike.map(withTinyWindow) : alike;
  const limits = drawLimits(random, "server");
  const serverLimits = isStampede ? { ...limits, ...drawStampedeLimits(hasTinyWindows, random) } : limits;
  const windows = [serverLimits, ...channels.map(({ limits }) => limits)].map(
    (limits) => limits.streamWindowBytes ?? largeWindow,
  );
  const habits = isStampede
    ? drawStampede(channels.length, random)
    : drawWorkload(channels.length, Math.min(...windows), random);
  const startWithinMs = habits.startWithinMs;
  const healAtMs = startWithinMs + random.pick([10, 1_000, 40_000]);
  const isRough = mood === "rough";
  const rarely = (values: readonly number[]) => (isRough ? random.pick(values) : 0);
  const drawnCalls = Array.from({ length: habits.calls }, (_, id) => drawCall(id, habits, random));
  const calls = withRepeats(drawnCalls, channels, world.random(6));
  return {
    mood,
    calls,
    throttling: world.random(7).pick([undefined, { maxTokens: 4, tokenRatio: 0.1 }]),
    channels,
    connecting,
    servers: random.pick([1, 1, 2, 3]),
    serverLimits,
    serverCompression: random.pick([undefined, undefined, undefined, "runs"]),
    maxConcurrentCalls: random.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 2, 10]),
    faults: mood === "drain" ? drawRestarts(calls, healAtMs, random) : drawFaults(mood, healAtMs, random),
    brokenLinks: rarely([0, 0.2, 0.7]),
    refusals: rarely([0, 0, 0.3]),
    blackHoles: rarely([0, 0, 0.1]),
    lookupFailures: rarely([0, 0, 0.5]),
    lookupMs: random.pick([0, 0, 30]),
    sameProfile: random.pick(
      mood === "drain" ? [calmLink, slowLink, slowLink, undefined] : [calmLink, undefined, undefined],
    ),
    habits: {
      clockOffsetMs: random.pick([0, 1_000, 1_000_000]),
      timerLatenessMs: random.pick([0, 0, 2]),
      slowCompression: random.pick([0, 0.5]),
    },
    healAtMs,
  };
}

/** In half of the worlds most calls may be repeated. Within a process there is no channel that would. */
function withRepeats(calls: readonly CallPlan[], channels: readonly ChannelPlan[], random: SeededRandom): CallPlan[] {
  const isUsed = random.below(2) === 0;
  return calls.map((plan) => {
    const isWanted = isUsed && random.below(3) > 0 && channels[plan.channel]?.target !== "inProcess";
    return isWanted ? repeatable(plan, random) : plan;
  });
}

export function linkProfileOf(scenario: Scenario, random: SeededRandom): LinkProfile {
  return scenario.sameProfile ?? drawLinkProfile(random);
}

const largeMessage = 4 * 1024 * 1024;
const largeWindow = 256 * 1024;
/** Windows that a direction of a call goes through at most. */
const windowsPerDirection = 60;

/** Many small calls at once, of which most are given up: their handlers run on, and slots are what everybody waits for. */
function drawStampede(channels: number, random: SeededRandom): WorkloadHabits {
  return {
    calls: 20 + random.below(60),
    kinds: random.pick([allKinds, ["unary", "server_streaming", "server_streaming"]]),
    channels,
    startWithinMs: random.pick([1, 50, 400]),
    longestGapMs: random.pick([50, 1_000]),
    largestMessage: 400,
    bytesPerDirection: 2_000,
    mostMessages: random.pick([5, 30]),
    timeouts: random.pick([0, 0.5]),
    cancels: random.pick([0.4, 0.8]),
    failures: 0.1,
    heeds: 0.2,
    sync: 0.6,
  };
}

function drawWorkload(channels: number, smallestWindow: number, random: SeededRandom): WorkloadHabits {
  const isSmall = random.below(3) > 0;
  return {
    calls: 1 + random.below(isSmall ? 8 : random.pick([20, 60])),
    kinds: allKinds,
    channels,
    startWithinMs: random.pick([1, 50, 1_000, 20_000]),
    longestGapMs: random.pick([1, 10, 200]),
    largestMessage: random.pick([100, 20_000, 600_000]),
    bytesPerDirection: Math.min(isSmall ? 700_000 : 60_000, windowsPerDirection * smallestWindow),
    mostMessages: random.pick([4, 40]),
    timeouts: random.pick([0, 0.3, 0.9]),
    cancels: random.pick([0, 0.1, 0.6]),
    failures: random.pick([0, 0.1, 0.5]),
    heeds: 0.6,
    sync: 0.3,
  };
}

function drawChannel(random: SeededRandom): ChannelPlan {
  return {
    limits: drawLimits(random, "client"),
    target: random.pick(["dns", "dns", "dns", "ipv4", "ipv4", "ipv4", "inProcess"]),
    interceptors: random.pick(["none", "checked", "async"]),
    closeGraceMs: random.pick([0, 0, 100, Number.POSITIVE_INFINITY]),
  };
}

function drawConnecting(random: SeededRandom): ConnectingHabits {
  return {
    isShared: random.below(3) === 0,
    maxConnections: random.pick([1, 1, 2, 5]),
    verifyIdleMs: random.pick([10_000, 60_000, Number.POSITIVE_INFINITY]),
    idleTimeoutMs: random.pick([1_000, 60_000, 1_800_000]),
  };
}

function drawStampedeLimits(hasTinyWindows: boolean, random: SeededRandom): LimitOptions {
  return { maxConcurrentStreams: random.pick([2, 5, 10]), ...(hasTinyWindows && { streamSendBufferBytes: 0 }) };
}

/** Answers stay on their way for long. */
function withTinyWindow(plan: ChannelPlan): ChannelPlan {
  return { ...plan, limits: { ...plan.limits, streamWindowBytes: 200 } };
}

function drawLimits(random: SeededRandom, role: "client" | "server"): LimitOptions {
  if (random.below(3) === 0) return {};
  return {
    streamWindowBytes: random.pick([200, 3_000, 65_535, 256 * 1024]),
    connectionWindowBytes: random.pick([65_535, 65_535, 200_000, 1024 * 1024]),
    maxFrameBytes: random.pick([16_384, 16_384, 70_000]),
    streamSendBufferBytes: random.pick([0, 1_000, 65_536]),
    maxUnreadBytes: random.pick([0, 10_000, 16 * 1024 * 1024]),
    maxIncompleteBytes: random.pick([0, 10_000, 8 * 1024 * 1024]),
    maxMessagesPerTurn: random.pick([1, 5, 256]),
    maxQueuedControlFrames: random.pick([1, 4, 100]),
    maxHeaderListBytes: random.pick([16 * 1024, 16 * 1024, 100_000]),
    maxReceiveMessageBytes: random.pick([10_000, 100_000, largeMessage, largeMessage, largeMessage]),
    maxSendMessageBytes: random.pick([10_000, largeMessage, largeMessage, largeMessage, largeMessage]),
    ...(role === "server" && {
      maxConcurrentStreams: random.pick([1, 2, 3, 20, 1_000]),
      maxNewStreamsPerTurn: random.pick([1, 3, 32]),
    }),
    ...(role === "client" && { maxStreamId: random.pick([7, 41, 0x7fffffff, 0x7fffffff]) }),
  };
}

function drawFaults(mood: Mood, healAtMs: number, random: SeededRandom): PlannedFault[] {
  if (mood === "calm") return [];
  const withinMs = random.pick([10, 300, healAtMs]);
  return Array.from({ length: random.below(8) }, () => {
    return { kind: random.pick(roughFaults), atMs: Math.min(random.below(withinMs), healAtMs - 1) };
  });
}

/** Servers are closed while calls are on their way. */
function drawRestarts(calls: readonly CallPlan[], healAtMs: number, random: SeededRandom): PlannedFault[] {
  return Array.from({ length: random.below(4) }, () => {
    const atMs = random.pick(calls).startMs + random.below(random.pick([20, 1_500, 3_000]));
    return { kind: "restartServer", atMs: Math.min(atMs, healAtMs - 1) };
  });
}
