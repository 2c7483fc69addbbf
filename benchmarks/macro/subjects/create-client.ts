import { GodwitClient } from "./godwit-client.js";
import { GrpcJsClient } from "./grpc-js-client.js";
import { headlineTimeoutMs, type SubjectClient, type SubjectName } from "./subject.js";

/** `timeoutMs` is the deadline of headline calls. */
export function createClient(subject: SubjectName, port: number, timeoutMs = headlineTimeoutMs): SubjectClient {
  return subject === "godwit" ? new GodwitClient(port, timeoutMs) : new GrpcJsClient(port, timeoutMs);
}
