import { isIpv4, isIpv6 } from "./ip-literal.js";

/** Where an IPv4 address begins among the sixteen bytes (RFC 4291 §2.5.5.2). */
export const ipv4Offset = 12;

/** The sixteen bytes of an IP address, IPv4 as IPv6 maps it; a zone is passed over. Undefined when the text is none. */
export function ipBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  if (isIpv4(text)) {
    bytes.fill(0xff, ipv4Offset - 2, ipv4Offset);
    bytes.set(text.split(".").map(Number), ipv4Offset);
    return bytes;
  }
  if (!isIpv6(text)) return undefined;
  const address = text.replace(/%.*$/, "");
  const [left = "", right] = address.split("::");
  bytes.set(groupBytes(left), 0);
  if (right !== undefined) {
    const tail = groupBytes(right);
    bytes.set(tail, 16 - tail.length);
  }
  return bytes;
}

/** Bytes of the groups on one side of `::`, the last of which may be an IPv4 address. */
function groupBytes(side: string): number[] {
  if (side === "") return [];
  return side.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
