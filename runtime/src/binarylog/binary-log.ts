import { GrpcLogEntry_Logger as Logger } from "../gen/grpc/binlog/v1/binarylog_pb.js";
import type { RawInterceptor } from "../index.js";
import { parseLogFilter } from "./log-filter.js";
import { LoggedCall, type LoggedCallOwner } from "./logged-call.js";

/** Where entries go: a file's write stream, or anything that takes bytes. */
export interface BinaryLogSink {
  write(bytes: Uint8Array): unknown;
}

export interface BinaryLogOptions {
  /** What is logged, as GRPC_BINARY_LOG_FILTER says it: `*`, `shop.v1.Shop/*{h;m:256}`, `-shop.v1.Shop/Pay`. Default: that variable; nothing where it is not set. */
  readonly filter?: string | undefined;
  /** Gets each entry behind its length in four bytes, big-endian, as grpc-go writes them. What it throws is told once, and no call ends by it. */
  readonly sink: BinaryLogSink;
  /** Whose calls these are. */
  readonly side: "client" | "server";
  /** Whether values of `authorization`, `cookie` and their like are written down. Default false: `[redacted]` stands there. */
  readonly showsSecrets?: boolean | undefined;
}

/** Ids of calls: from 1, for the whole process. */
let lastCall = 0n;

/**
 * A raw interceptor, `interceptors: [{ raw: binaryLog({ side: "server", sink: createWriteStream("calls.binlog") }) }]`. It sees what the
 * application sees: a call that is tried again is one call. Throws TypeError when an option is not valid.
 */
export function binaryLog(options: BinaryLogOptions): RawInterceptor {
  checkOptions(options);
  const filter = parseLogFilter(options.filter ?? process.env["GRPC_BINARY_LOG_FILTER"] ?? "");
  const owner: LoggedCallOwner = {
    logger: options.side === "client" ? Logger.CLIENT : Logger.SERVER,
    showsSecrets: options.showsSecrets ?? false,
    write: framedWriter(options.sink),
  };
  return (next) => ({
    invoke(headers, callOptions, sink) {
      const extent = filter(headers.method.path);
      if (extent === undefined) return next.invoke(headers, callOptions, sink);
      const call = new LoggedCall(owner, ++lastCall, headers, extent, sink);
      call.start(headers.deadline - performance.now());
      call.passTo(next.invoke(headers, callOptions, call));
      return call;
    },
  });
}

/** A log without a side or a sink would be missed when it is needed. */
function checkOptions({ side, sink }: BinaryLogOptions): void {
  if (side !== "client" && side !== "server") {
    throw new TypeError(`side of a binary log is ${String(side)}: expected client or server`);
  }
  const write: unknown = sink?.write;
  if (typeof write !== "function") throw new TypeError("sink of a binary log has no function write");
}

function framedWriter(sink: BinaryLogSink): (entry: Uint8Array) => void {
  let hasFailed = false;
  return (entry) => {
    const framed = Buffer.allocUnsafe(4 + entry.length);
    framed.writeUInt32BE(entry.length, 0);
    framed.set(entry, 4);
    try {
      sink.write(framed);
    } catch (error) {
      if (hasFailed) return;
      hasFailed = true;
      process.emitWarning(`the binary log cannot be written, and calls are missing in it: ${error}`, "GodwitWarning");
    }
  };
}
