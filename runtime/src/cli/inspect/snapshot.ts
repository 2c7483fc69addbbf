import type { CallOptions } from "../../rpc/call-options.js";
import type { Invoker } from "../../rpc/invoker.js";
import { StatusCode } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import { Channelz } from "../../services/channelz.js";
import { Health, type HealthClient, ServingStatus } from "../../services/health.js";
import { createRemoteSchema } from "../../services/reflection.js";
import { createClient } from "../../stub/client.js";
import { type ChannelView, readChannels, readServers, type ServerView } from "./read-channelz.js";

/** What one of the questions brought: an answer, or why there is none. */
export type Part<T> = { readonly value: T } | { readonly error: StatusError };

/** What a server told of itself at one time. */
export interface Snapshot {
  /** Milliseconds on the clock of `World.now`. */
  readonly at: number;
  /** Full names. */
  readonly services: Part<readonly string[]>;
  /** Serving status by full name; of the server as a whole under the empty name. */
  readonly health: Part<ReadonlyMap<string, string>>;
  readonly servers: Part<readonly ServerView[]>;
  readonly channels: Part<readonly ChannelView[]>;
}

/** Asks reflection, health and channelz at once. Never rejects for what a server says or does not know. */
export async function takeSnapshot(invoker: Invoker, options: CallOptions, now: () => number): Promise<Snapshot> {
  const channelz = createClient(Channelz, invoker);
  const services = part(createRemoteSchema(invoker, options).services());
  const [names, health, servers, channels] = await Promise.all([
    services,
    services.then((found) =>
      part(readHealth(createClient(Health, invoker), options, "value" in found ? found.value : [])),
    ),
    part(readServers(channelz, options)),
    part(readChannels(channelz, options)),
  ]);
  return { at: now(), services: names, health, servers, channels };
}

async function part<T>(answer: Promise<T>): Promise<Part<T>> {
  try {
    return { value: await answer };
  } catch (error) {
    if (error instanceof StatusError) return { error };
    throw error;
  }
}

/** By List (gRFC A90) or, of a server that does not know it, service by service. */
async function readHealth(
  health: HealthClient,
  options: CallOptions,
  services: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  try {
    const { statuses } = await health.list({}, options);
    return new Map(Object.entries(statuses).map(([service, { status }]) => [service, nameOf(status)]));
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== StatusCode.UNIMPLEMENTED) throw error;
  }
  const whole = await health.check({ service: "" }, options);
  const found = new Map([["", nameOf(whole.status)]]);
  for (const service of services.slice(0, 100)) {
    const answer = await health.check({ service }, options).catch(() => undefined);
    if (answer !== undefined) found.set(service, nameOf(answer.status));
  }
  return found;
}

function nameOf(status: ServingStatus): string {
  return ServingStatus[status] ?? String(status);
}
