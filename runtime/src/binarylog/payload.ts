/** What goes into an entry, cut to its extent. */
import { create, isMessage, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Address,
  Address_Type,
  AddressSchema,
  type Metadata as LoggedMetadata,
  type Message,
  MessageSchema,
  MetadataSchema,
} from "../gen/grpc/binlog/v1/binarylog_pb.js";
import type { Metadata, MethodDescriptor, Peer } from "../index.js";

type MessageInit = Record<string, unknown>;

export interface Cut<T> {
  readonly payload: T;
  readonly isTruncated: boolean;
}

/** A trace's key is logged always, and not counted (gRFC A16). */
const traceKey = "grpc-trace-bin";

/** Entries until the first that does not fit. Secrets are those that metadata itself does not show. */
export function cutMetadata(metadata: Metadata, maxBytes: number, showsSecrets: boolean): Cut<LoggedMetadata> {
  const shown = metadata.toJSON();
  const entry: { key: string; value: Uint8Array }[] = [];
  let left = maxBytes;
  let isTruncated = false;
  metadata.forEach((key, value) => {
    const isHidden = !showsSecrets && shown[key]?.[0] === "[redacted]";
    const bytes = isHidden
      ? Buffer.from("[redacted]")
      : typeof value === "string"
        ? Buffer.from(value, "latin1")
        : value;
    const size = key === traceKey ? 0 : key.length + bytes.length;
    if (size > left) isTruncated = true;
    if (isTruncated && key !== traceKey) return;
    left -= size;
    entry.push({ key, value: bytes });
  });
  return { payload: create(MetadataSchema, { entry }), isTruncated };
}

export function cutMessage(
  method: MethodDescriptor,
  direction: "input" | "output",
  message: unknown,
  maxBytes: number,
): Cut<Message> {
  const schema = method.desc[direction];
  const whole = toBinary(schema, isMessage(message) ? message : create(schema, message as MessageInit));
  const isTruncated = whole.length > maxBytes;
  const data = isTruncated ? whole.subarray(0, maxBytes) : whole;
  return { payload: create(MessageSchema, { length: whole.length, data }), isTruncated };
}

/** From a peer's address: `ipv4:1.2.3.4:50051`, `ipv6:[::1]:50051`, `unix:/run/x.sock`. */
export function addressOf({ address }: Peer): Address {
  const ip = /^ipv([46]):\[?([^\]]*?)\]?:(\d+)$/.exec(address);
  if (ip !== null) {
    const type = ip[1] === "4" ? Address_Type.IPV4 : Address_Type.IPV6;
    // The scope is no part of it.
    return create(AddressSchema, { type, address: ip[2]?.split("%")[0] ?? "", ipPort: Number(ip[3]) });
  }
  if (address.startsWith("unix:")) return create(AddressSchema, { type: Address_Type.UNIX, address: address.slice(5) });
  return create(AddressSchema, { address });
}

export function timestampNow(): ReturnType<typeof timestampFromMs> {
  return timestampFromMs(Date.now());
}
