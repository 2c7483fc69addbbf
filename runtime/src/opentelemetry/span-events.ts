/** What gRFC A72 has spans say of messages and of their end. */
import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { type MessageSize, type Status, StatusCode, statusCodeName } from "../index.js";

export function addSent(span: Span, { index, bytes, wireBytes }: MessageSize): void {
  span.addEvent("Outbound message", sizes(index, bytes, wireBytes, bytes));
}

export function addReceived(span: Span, { index, bytes, wireBytes }: MessageSize): void {
  span.addEvent("Inbound message", sizes(index, bytes, wireBytes, wireBytes));
}

function sizes(index: number, bytes: number, wireBytes: number, size: number) {
  if (bytes === wireBytes) return { "sequence-number": index, "message-size": size };
  return { "sequence-number": index, "message-size-uncompressed": bytes, "message-size-compressed": wireBytes };
}

export function endSpan(span: Span, { code, message }: Status): void {
  span.setAttribute("rpc.grpc.status_code", code);
  if (code === StatusCode.OK) span.setStatus({ code: SpanStatusCode.OK });
  else span.setStatus({ code: SpanStatusCode.ERROR, message: describe(code, message) });
  span.end();
}

function describe(code: StatusCode, message: string): string {
  return message === "" ? statusCodeName(code) : `${statusCodeName(code)}: ${message}`;
}

/** `package.Service.Method`, behind which of `Sent`, `Attempt`, `Recv` the span is (gRFC A72). */
export function spanName(prefix: string, method: string): string {
  return `${prefix}.${method.replaceAll("/", ".")}`;
}

/** OpenTelemetry's semantic conventions for RPC: how tools find gRPC's spans. */
export function rpcAttributes(method: string) {
  const slash = method.lastIndexOf("/");
  return {
    "rpc.system": "grpc",
    "rpc.service": method.slice(0, Math.max(slash, 0)),
    "rpc.method": method.slice(slash + 1),
  };
}
