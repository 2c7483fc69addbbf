import assert from "node:assert/strict";
import type { Address, Millis } from "../../../src/base/platform.js";
import type { Channel } from "../../../src/channel/channel.js";
import type { ChannelOptions } from "../../../src/channel/channel-options.js";
import { createChannel } from "../../../src/channel/create-channel.js";
import { insecure } from "../../../src/credentials/channel-credentials.js";
import { insecureServer } from "../../../src/credentials/server-credentials.js";
import type { ResolverFactory, ResolverListener } from "../../../src/resolver/resolver.js";
import { statusCodeName } from "../../../src/rpc/status-code.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import { createServer, type Server } from "../../../src/server/server.js";
import type { ServiceConfigInit } from "../../../src/service-config/service-config-init.js";
import { createClient } from "../../../src/stub/client.js";
import { Echo, type EchoClient } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { endpoints } from "../fake-controller.js";

const port = 1;
/** One way. */
export const latencyMs = 1;

interface Member {
  readonly server: Server;
  calls: number;
}

export interface Outcome {
  readonly ms: Millis;
  /** `OK`, or code and message. */
  readonly result: string;
}

/** Servers that answer with a delay, a channel to them, and a resolver that says what a test wants; all of it in virtual time. */
export class Cluster {
  readonly platform: FakePlatform;
  readonly channel: Channel;
  /** How every call ended, in order. */
  readonly outcomes: Outcome[] = [];
  readonly #members = new Map<string, Member>();
  readonly #client: EchoClient;
  readonly #answerMs: Millis;
  #listener: ResolverListener | undefined;
  #running = 0;

  constructor(answerMs: Millis, options: ChannelOptions = {}, seed = 1) {
    this.#answerMs = answerMs;
    this.platform = new FakePlatform({ latencyMs, seed });
    const { platform } = this;
    this.channel = createChannel("cluster:shop", {
      credentials: insecure(),
      platform,
      resolvers: [this.#resolver()],
      ...options,
    });
    this.#client = createClient(Echo, this.channel);
  }

  async start(...hosts: string[]): Promise<void> {
    for (const host of hosts) {
      const server = createServer({ platform: this.platform });
      const member: Member = { server, calls: 0 };
      server.addPartial(Echo, {
        unary: async (request) => {
          member.calls++;
          await this.#pause(this.#answerMs);
          return request;
        },
      });
      await server.listen(`${host}:${port}`, { credentials: insecureServer() });
      this.#members.set(host, member);
    }
  }

  /** The server goes as a good one does: it takes no more calls, and ends when those that run have ended. */
  stop(...hosts: string[]): void {
    for (const host of hosts) void this.#member(host).server.close({ graceMs: Number.POSITIVE_INFINITY });
  }

  /** What the resolver says. */
  tell(hosts: readonly string[], serviceConfig?: ServiceConfigInit): void {
    assert.ok(this.#listener, "nobody has called yet");
    const result = { endpoints: { value: endpoints(...hosts) } };
    this.#listener.onResult(
      serviceConfig === undefined ? result : { ...result, serviceConfig: { value: serviceConfig } },
    );
  }

  addressOf(host: string): Address {
    return { transport: "tcp", host, port };
  }

  /** Calls that a server got. */
  callsOf(host: string): number {
    return this.#member(host).calls;
  }

  get failures(): readonly string[] {
    return this.outcomes.filter(({ result }) => result !== "OK").map(({ result }) => result);
  }

  call(): void {
    const startedAt = this.platform.now();
    const end = (result: string): void => {
      this.#running--;
      this.outcomes.push({ ms: this.platform.now() - startedAt, result });
    };
    this.#running++;
    this.#client.unary({ value: "x" }, { timeoutMs: 30_000 }).then(
      () => end("OK"),
      (error: unknown) => {
        end(error instanceof StatusError ? `${statusCodeName(error.code)}: ${error.statusMessage}` : String(error));
      },
    );
  }

  /** Lets `ms` pass with a call every millisecond. */
  async load(ms: Millis): Promise<void> {
    for (let i = 0; i < ms; i++) {
      this.call();
      await this.platform.advanceAsync(1);
    }
  }

  /** Until every call has ended. */
  async finish(): Promise<void> {
    for (let i = 0; i < 1000 && this.#running > 0; i++) await this.platform.advanceAsync(10);
    assert.equal(this.#running, 0, "calls hang");
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    const closing = [this.channel.close(), ...[...this.#members.values()].map(({ server }) => server.close())];
    await this.platform.advanceAsync(1000);
    await Promise.all(closing);
    this.platform.assertQuiet();
  }

  #pause(ms: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.platform.setTimer(this.platform.now() + ms, resolve);
    });
  }

  #member(host: string): Member {
    return this.#members.get(host) ?? assert.fail(`no server ${host}`);
  }

  #resolver(): ResolverFactory {
    return {
      scheme: "cluster",
      create: () => ({
        value: {
          start: (listener) => {
            this.#listener = listener;
          },
          resolveNow() {},
          async close() {},
        },
      }),
      defaultAuthority: () => "shop",
    };
  }
}
