import type { ParseArgsConfig } from "node:util";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { Channel } from "../../channel/channel.js";
import type { ChannelOptions } from "../../channel/channel-options.js";
import { createChannel } from "../../channel/create-channel.js";
import { type ChannelCredentials, insecure } from "../../credentials/channel-credentials.js";
import { tls } from "../../net/tls/tls-credentials.js";
import { Metadata } from "../../rpc/metadata.js";
import { CommandError, UsageError } from "../command.js";
import type { World } from "../world.js";

/** Flags of every command that talks with a server. */
export const targetFlags = {
  insecure: { type: "boolean", default: false },
  tls: { type: "boolean", default: false },
  cacert: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  authority: { type: "string" },
  header: { type: "string", short: "H", multiple: true, default: [] },
  timeout: { type: "string", short: "t" },
} as const satisfies ParseArgsConfig["options"];

/** What `targetFlags` come to. */
export interface TargetValues {
  readonly insecure: boolean;
  readonly tls: boolean;
  readonly cacert?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly authority?: string | undefined;
  readonly header: readonly string[];
  readonly timeout?: string | undefined;
}

/** Their lines of a command's help. @param timeout What is limited by it, and what it is where nothing is said. */
export function targetHelp(timeout = "the whole command ends then (default: none)"): string {
  return `  --insecure            no TLS: whoever is on the way reads everything. Addresses of this machine (localhost, 127.0.0.1,
                        ::1, unix:) are called so unless one of the next flags is there; all others with TLS
  --tls                 TLS, and the certificates that this machine trusts
  --cacert FILE         TLS, and the certificates in this file (PEM)
  --cert FILE           who we are: certificate chain (PEM), with --key
  --key FILE            its key (PEM)
  --authority NAME      :authority of calls, in place of the address
  -H, --header 'N: V'   metadata, also of what is asked by reflection; may be given again. Of names that end in -bin in base64
  -t, --timeout TIME    2.5, 2.5s or 500ms; ${timeout}`;
}

const localTarget =
  /^(?:unix:|unix-abstract:|(?:dns:(?:\/\/\/)?)?localhost(?::\d+)?$|(?:ipv4:)?127(?:\.\d{1,3}){3}(?::\d+)?$|(?:ipv6:)?\[::1\](?::\d+)?$)/;

/** A channel to what the command line names. Throws UsageError and CommandError. */
export function openTarget(target: string, values: TargetValues, world: World, more: ChannelOptions = {}): Channel {
  const credentials = credentialsOf(target, values, world);
  const { authority } = values;
  try {
    return createChannel(target, { credentials, ...(authority !== undefined && { authority }), ...more });
  } catch (error) {
    throw new UsageError(textOfThrown(error));
  }
}

/** Plaintext where it stays on this machine and nothing else was said, or where that was said. */
export function credentialsOf(target: string, values: TargetValues, world: World): ChannelCredentials {
  const { insecure: isPlain, tls: isTls, cacert, cert, key } = values;
  const secure = isTls ? "--tls" : cacert !== undefined ? "--cacert" : cert !== undefined ? "--cert" : undefined;
  if (isPlain && secure !== undefined) throw new UsageError(`--insecure and ${secure} contradict each other`);
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("--cert and --key go together");
  if (isPlain || (secure === undefined && localTarget.test(target))) return insecure();
  const read = (flag: string, path: string | undefined) =>
    path === undefined ? undefined : readPem(world, flag, path);
  try {
    const roots = read("--cacert", cacert);
    return tls({ roots, certificate: read("--cert", cert), key: read("--key", key) });
  } catch (error) {
    throw error instanceof CommandError ? error : new UsageError(textOfThrown(error));
  }
}

function readPem(world: World, flag: string, path: string): string {
  try {
    return world.readFile(path);
  } catch (error) {
    throw new CommandError(`cannot read ${path} (${flag}): ${textOfThrown(error)}`);
  }
}

/** Metadata of `--header`. Throws UsageError. */
export function headersOf({ header }: TargetValues): Metadata {
  const metadata = new Metadata();
  for (const line of header) {
    const colon = line.indexOf(":", 1);
    if (colon < 0) throw new UsageError(`--header is ${JSON.stringify(line)}: expected 'name: value'`);
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    try {
      metadata.append(name, name.endsWith("-bin") ? Buffer.from(value, "base64") : value);
    } catch (error) {
      throw new UsageError(`--header is ${JSON.stringify(line)}: ${textOfThrown(error)}`);
    }
  }
  return metadata;
}

/** Milliseconds of a flag; undefined where it is not there. Throws UsageError. */
export function millisOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s)?$/.exec(text);
  if (match === null) throw new UsageError(`${flag} is ${JSON.stringify(text)}: expected seconds, as 2.5s or 500ms`);
  return Number(match[1]) * (match[2] === "ms" ? 1 : 1000);
}
