import { createRegistry, fromBinary, toJsonString } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { file_google_rpc_error_details as errorDetails } from "../../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import type { CallInfo } from "../../rpc/call-info.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { AttemptRecord } from "../../rpc/status.js";
import { StatusCode, statusCodeName } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import type { RemoteJson } from "../call/remote-json.js";
import type { DetailView, EndEvent, Pair } from "./protocol.js";

/** For details whose types the server does not tell of. */
const usualDetails = createRegistry(errorDetails);

type Outcome = Omit<EndEvent, "type" | "call" | "elapsedMs" | "messages">;

/** How a call ended, for a person. `error` is undefined where it went well. */
export async function describeEnd(error: unknown, info: CallInfo, json: RemoteJson): Promise<Outcome> {
  const known = error instanceof StatusError ? error : undefined;
  const code = error === undefined ? StatusCode.OK : (known?.code ?? StatusCode.UNKNOWN);
  const peer = known?.peer ?? info.peer;
  return {
    code,
    name: statusCodeName(code),
    message: error === undefined ? "" : (known?.statusMessage ?? textOfThrown(error)),
    headers: pairsOf(info.headers),
    trailers: pairsOf(known?.trailers ?? info.trailers),
    details: known === undefined ? [] : await describeDetails(known, json),
    peer: peer === undefined ? undefined : `${peer.address}${peer.tls === undefined ? "" : `, ${peer.tls.protocol}`}`,
    delivery: known?.delivery ?? info.delivery,
    attempts: known?.attempts ?? info.attempts,
    history: (known?.history ?? info.history).map(describeAttempt),
    notRetried: known?.notRetried,
    timings: Object.entries(known?.timings ?? info.timings ?? {}).map(([name, ms]) => [name, Number(ms)] as const),
  };
}

export function pairsOf(metadata: Metadata): Pair[] {
  return [...metadata].map(([name, value]) => [
    name,
    typeof value === "string" ? value : Buffer.from(value).toString("base64"),
  ]);
}

function describeAttempt({ code, message, delivery, peer, startedAt, endedAt }: AttemptRecord): string {
  const where = peer === undefined ? "" : ` (${peer.address})`;
  const effect = delivery === undefined ? "" : `, ${delivery}`;
  return `${Math.round(startedAt)} to ${Math.round(endedAt)} ms: ${statusCodeName(code)}: ${message}${where}${effect}`;
}

async function describeDetails({ details }: StatusError, json: RemoteJson): Promise<DetailView[]> {
  const found: DetailView[] = [];
  for (const any of detailsOf(details)) found.push(await describeDetail(any, json));
  return found;
}

/** A peer's bytes: what is malformed is none. */
function detailsOf(details: Uint8Array | undefined): readonly Any[] {
  try {
    return details === undefined ? [] : fromBinary(StatusSchema, details).details;
  } catch {
    return [];
  }
}

async function describeDetail(any: Any, json: RemoteJson): Promise<DetailView> {
  const { typeUrl } = any;
  try {
    return { typeUrl, text: await json.print(AnySchema, any, 2) };
  } catch {
    // Neither does what comes next know it, perhaps.
  }
  try {
    return { typeUrl, text: toJsonString(AnySchema, any, { registry: usualDetails, prettySpaces: 2 }) };
  } catch {
    return { typeUrl, bytes: Buffer.from(any.value).toString("base64") };
  }
}
