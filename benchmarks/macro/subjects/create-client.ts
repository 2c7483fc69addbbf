import type { ChannelOptions } from "godwit";
import { GodwitClient } from "./godwit-client.js";
import { GrpcJsClient } from "./grpc-js-client.js";
import { headlineTimeoutMs, type SubjectClient, type SubjectName } from "./subject.js";

/** `timeoutMs` is the deadline of headline calls; `options` are for channels of godwit. */
export function createClient(
  subject: SubjectName,
  port: number,
  timeoutMs = headlineTimeoutMs,
  options: ChannelOptions = {},
): SubjectClient {
  // grpc-js has this one option, too.
  const ownConnections = options.shareConnections === false;
  return subject === "godwit"
    ? new GodwitClient(port, timeoutMs, options)
    : new GrpcJsClient(port, timeoutMs, ownConnections);
}
