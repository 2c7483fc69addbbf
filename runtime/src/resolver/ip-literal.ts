const ipv4Pattern = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const groupPattern = /^[0-9a-f]{1,4}$/i;
const zonePattern = /^[^\s%/[\]]+$/;

/** Four decimal numbers without leading zeros, which some systems would read as octal. */
export function isIpv4(text: string): boolean {
  return ipv4Pattern.test(text);
}

/** RFC 4291 §2.2, with a zone behind `%` (RFC 4007 §11), without brackets. */
export function isIpv6(text: string): boolean {
  const percent = text.indexOf("%");
  if (percent !== -1 && !zonePattern.test(text.slice(percent + 1))) return false;
  const address = percent === -1 ? text : text.slice(0, percent);
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const left = countGroups(halves[0] as string, halves.length === 1);
  if (halves.length === 1) return left === 8;
  const right = countGroups(halves[1] as string, true);
  // RFC 4291 §2.2: "::" stands for one or more groups of zeros.
  return left !== undefined && right !== undefined && left + right <= 7;
}

/** Sixteen-bit groups of one side of "::"; undefined when one is malformed. An IPv4 tail counts two. */
function countGroups(side: string, mayEndInIpv4: boolean): number | undefined {
  if (side === "") return 0;
  const groups = side.split(":");
  let count = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as string;
    if (groupPattern.test(group)) count += 1;
    else if (mayEndInIpv4 && i === groups.length - 1 && isIpv4(group)) count += 2;
    else return undefined;
  }
  return count;
}
