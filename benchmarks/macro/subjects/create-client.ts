import type { ChannelOptions } from "godwit";
import { headlineTimeoutMs, type NodeSubjectName, type SubjectClient } from "./subject.js";

/**
 * `timeoutMs` is the deadline of headline calls; `options` are for channels of godwit. A process imports the library of
 * its subject and no other, which would count as its memory.
 */
export async function createClient(
  subject: NodeSubjectName,
  port: number,
  timeoutMs = headlineTimeoutMs,
  options: ChannelOptions = {},
): Promise<SubjectClient> {
  // grpc-js has this one option, too.
  const ownConnections = options.shareConnections === false;
  switch (subject) {
    case "godwit":
      return new (await import("./godwit-client.js")).GodwitClient(port, timeoutMs, options);
    case "grpc-js":
      return new (await import("./grpc-js-client.js")).GrpcJsClient(port, timeoutMs, ownConnections);
    case "nice-grpc":
      return new (await import("./nice-grpc-client.js")).NiceGrpcClient(port, timeoutMs, ownConnections);
    case "connect-node":
      return new (await import("./connect-node-client.js")).ConnectNodeClient(port, timeoutMs);
    case "skeleton":
      return new (await import("./skeleton/skeleton-client.js")).SkeletonClient(port);
    case "raw-net":
      return new (await import("./raw-net-client.js")).RawNetClient(port);
  }
}
