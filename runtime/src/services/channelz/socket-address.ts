import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AddressSchema } from "../../gen/grpc/channelz/v1/channelz_pb.js";

/** Reads `ipv4:127.0.0.1:50051`, `ipv6:[::1]:50051`, `127.0.0.1:50051`, `[::1]:50051` and `unix:/run/x.sock`; others go by their text. */
export function toAddress(text: string): MessageInitShape<typeof AddressSchema> {
  if (text.startsWith("unix:")) {
    return { address: { case: "udsAddress", value: { filename: text.slice("unix:".length) } } };
  }
  const match = /^(?:ipv[46]:)?(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const ipAddress = match === null ? undefined : ipBytes(match[1] ?? match[2] ?? "");
  if (match === null || ipAddress === undefined) {
    return { address: { case: "otherAddress", value: { name: text } } };
  }
  return { address: { case: "tcpipAddress", value: { ipAddress, port: Number(match[3]) } } };
}

/** 4 or 16 bytes; undefined for what is no IP address. */
function ipBytes(text: string): Uint8Array | undefined {
  const v4 = ipv4Bytes(text);
  if (v4 !== undefined) return Uint8Array.from(v4);
  if (!text.includes(":")) return undefined;
  // A zone says which interface, and has no place in sixteen bytes.
  const address = (text.split("%")[0] as string).replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(tail) ?? [];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = "", tail] = address.split("::");
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const missing = 8 - front.length - back.length;
  if (missing < 0 || (tail === undefined && missing > 0)) return undefined;
  const all = [...front, ...new Array<number>(missing).fill(0), ...back];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function ipv4Bytes(text: string): number[] | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
