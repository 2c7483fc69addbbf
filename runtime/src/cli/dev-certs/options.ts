import { isIP } from "node:net";
import type { ParseArgsConfig } from "node:util";
import { UsageError } from "../command.js";
import { parseFlags } from "../parse-flags.js";

export interface DevCertsOptions {
  readonly folder: string;
  /** Names and addresses that the server's certificate is for. */
  readonly hosts: readonly string[];
  /** Whom the client's certificate is for; undefined for none. */
  readonly client: string | undefined;
  readonly days: number;
  readonly overwrites: boolean;
}

/** What a program on this machine calls it. */
const localHosts = ["localhost", "127.0.0.1", "::1"];

const mostDays = 3650;
const hostPattern = /^(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i;
const uriPattern = /^[a-z][a-z0-9+.-]*:\/\/[\x21-\x7e]+$/;
const clientPattern = /^[\w.@-]{1,64}$/;

const config = {
  options: {
    out: { type: "string", default: "certs" },
    host: { type: "string", multiple: true, default: [] },
    client: { type: "string" },
    days: { type: "string", default: "365" },
    force: { type: "boolean", default: false },
  },
  strict: true,
  allowPositionals: false,
} as const satisfies ParseArgsConfig;

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): DevCertsOptions {
  const { out, host, client, days, force } = parseFlags(config, args).values;
  if (out === "") throw new UsageError("--out is empty: expected a folder");
  for (const each of host) {
    if (isIP(each) !== 0 || (hostPattern.test(each) && each.length <= 253)) continue;
    throw new UsageError(`--host is ${JSON.stringify(each)}: expected a name such as shop.internal, or an IP address`);
  }
  if (client !== undefined && !clientPattern.test(client) && !uriPattern.test(client)) {
    const expected = "expected a name such as shop, or a URI such as spiffe://dev.internal/shop";
    throw new UsageError(`--client is ${JSON.stringify(client)}: ${expected}`);
  }
  if (!/^[1-9]\d{0,3}$/.test(days) || Number(days) > mostDays) {
    throw new UsageError(`--days is ${JSON.stringify(days)}: expected a whole number from 1 to ${mostDays}`);
  }
  const hosts = [...new Set([...localHosts, ...host])];
  return { folder: out, hosts, client, days: Number(days), overwrites: force };
}
