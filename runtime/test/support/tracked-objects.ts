/**
 * Knows the objects of calls and connections that are still in memory.
 *
 * Where Node lets a module's text be changed as it is loaded (registerHooks, Node 22.15), each class below gets one more
 * field, whose initializer reports the new object: the product keeps no list, and its bundle, whose classes nobody can
 * import, is watched like its sources. Not under coverage, which counts by positions in the text.
 */
import * as nodeModule from "node:module";
import process from "node:process";
import type { Counts } from "./open-resources.js";

/** What ends with its call. */
export const callClasses: readonly string[] = [
  ...["Call", "PickedCall", "WaitingStream", "AsyncInterceptedCall", "InterceptedStream", "SingleResponse"],
  ...["StreamedResponses", "RequestPump", "AbortWatch", "SourceReader", "MessageQueue", "Pushable", "ServerCall"],
  ...["CallHandlerContext", "RequestQueue", "ClientStream", "ServerStream", "InProcessCall", "MessageSender"],
  ...["MessageReceiver", "Http2Stream"],
];

/** The same, and what ends with its timer, connection, channel or server. */
export const trackedClasses: readonly string[] = [
  ...callClasses,
  ...["TimerEntry", "Http2Session", "SessionDriver", "Http2ClientTransport", "Http2ServerTransport"],
  ...["InProcessTransport", "DuplexStream", "SocketConnecting", "SocketListener", "Subchannel", "PickFirst"],
  ...["ControlPlane", "DnsResolver", "ClientChannel", "GrpcServer", "Drain"],
];

const productFolders = ["../../src/", "../../../dist/"].map((path) => new URL(path, import.meta.url).href);
const reporterName = "reportObjectToLeakCheck";

/** The bundler writes `var Call = class {`, and `Call2` where two modules have a class of the same name. */
const classStart = new RegExp(
  `(?:\\bclass (${trackedClasses.join("|")})|\\bvar (${trackedClasses.join("|")})\\d? = class(?: \\w+)?)` +
    "(?: extends [\\w.]+)? \\{",
  "g",
);

interface LoadResult {
  readonly source?: string | Uint8Array;
}
type Load = (url: string, context: unknown, nextLoad: (url: string, context: unknown) => LoadResult) => LoadResult;

/** How many objects of a class live. Those that were forgotten have a tally that nobody looks at any more. */
interface Tally {
  living: number;
}

let isTracking = false;
let tallies = new Map<string, Tally>();
/** And no WeakRef: that would keep each object to the end of the job in which it was made. */
const collected = new FinalizationRegistry<Tally>((tally) => {
  tally.living -= 1;
});

/** Whether objects are watched: the title of a test that is skipped without. */
export const whereTracked = "Node 22.15: module.registerHooks; not under coverage";

export function areObjectsTracked(): boolean {
  return isTracking;
}

/** Call it before the product is loaded. Does nothing where this Node cannot, and where coverage is measured. */
export function trackObjects(): void {
  // The type declarations are those of the oldest Node that is supported.
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: { load: Load }) => void };
  if (registerHooks === undefined || process.env["NODE_V8_COVERAGE"] !== undefined) return;
  const report = (object: object, name: string): undefined => {
    let tally = tallies.get(name);
    if (tally === undefined) {
      tally = { living: 0 };
      tallies.set(name, tally);
    }
    tally.living += 1;
    collected.register(object, tally);
  };
  Object.defineProperty(globalThis, reporterName, { value: report });
  registerHooks({ load: loadTracked });
  isTracking = true;
}

const loadTracked: Load = (url, context, nextLoad) => {
  const loaded = nextLoad(url, context);
  if (loaded.source === undefined || !productFolders.some((folder) => url.startsWith(folder))) return loaded;
  const text = typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source).toString();
  return { ...loaded, source: withReports(text) };
};

/** The text of a module in which every object of a tracked class reports itself. Lines keep their numbers. */
export function withReports(text: string): string {
  return text.replaceAll(classStart, (start: string, plain?: string, bundled?: string) => {
    return `${start} #toLeakCheck = ${reporterName}(this, "${plain ?? bundled}");`;
  });
}

/** Objects made since `forgetObjects` that garbage collection has not taken, or not told of: it does so a turn later. */
export function livingObjects(): Counts {
  return new Map(
    Array.from(tallies, ([name, { living }]) => [name, living] as const).filter(([, living]) => living > 0),
  );
}

/** Those that live belong to the past: they are not counted again. */
export function forgetObjects(): void {
  tallies = new Map();
}
