import assert from "node:assert/strict";
import { createChannel, createClient, insecure, type ServiceConfigInit, StatusCode } from "godwit";
import { EchoService, type UnaryResponseInit } from "../gen/godwit/testing/v1/echo_godwit.js";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { type OurServer, startOurServer } from "../ours/our-server.js";

const servers = 3;
/** Calls that are under way at any time, and that have to be answered before the next server is restarted. */
const callers = 20;
const callsBetween = 300;
/** Time between two restarts: a client that found a server gone does not ask for it before its backoff is over, here of 100 ms. */
const leastPauseMs = 400;
const roundRobin = { loadBalancingConfig: [{ round_robin: {} }] };

/** Three servers of ours, each of which is replaced by another on its port: how a deployment goes over a fleet. */
class Fleet implements AsyncDisposable {
  /** Ids of the calls whose handlers have started, on whichever server. */
  readonly started = new Set<string>();
  readonly #servers: OurServer[] = [];

  async start(): Promise<void> {
    for (let i = 0; i < servers; i++) this.#servers.push(await this.#startOne(0, new Set()));
  }

  /** In the words of a target. */
  get addresses(): string {
    return this.#servers.map(({ port }) => `127.0.0.1:${port}`).join();
  }

  /** Closes each server with a grace and starts its successor, and waits for `between` behind each, which is given that one's calls. */
  async restart(between: (successor: ReadonlySet<string>) => Promise<void>): Promise<void> {
    for (const [i, { server, port }] of this.#servers.entries()) {
      await server.close({ graceMs: 10_000 });
      const calls = new Set<string>();
      this.#servers[i] = await this.#startOne(port, calls);
      await between(calls);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { server } of this.#servers) await server.close({ graceMs: 0 });
  }

  #startOne(port: number, calls: Set<string>): Promise<OurServer> {
    const unary = async ({ id }: { id: string }): Promise<UnaryResponseInit> => {
      this.started.add(id);
      calls.add(id);
      await new Promise((resolve) => setImmediate(resolve));
      return { id };
    };
    return startOurServer({ unary }, {}, port);
  }
}

/**
 * Restarts the fleet while `call` is made over and over; gives what failed, in a sentence each. Where the policy uses every
 * server, the next one is restarted when the clients have found the successor of the last: they come back after a backoff.
 */
async function failuresOf(
  fleet: Fleet,
  usesAll: boolean,
  call: (id: string) => Promise<string | undefined>,
): Promise<string[]> {
  const failures: string[] = [];
  let isOver = false;
  let answered = 0;
  let onAnswer = (): void => {};
  const caller = async (name: number): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      const id = `${name}-${i}`;
      const failure = await call(id);
      if (failure !== undefined) {
        failures.push(`${failure} (${fleet.started.has(id) ? "started" : "never started"})`);
        // A failure may come within this very turn: others are to have theirs.
        await new Promise((resolve) => setImmediate(resolve));
      }
      answered++;
      onAnswer();
    }
  };
  const calling = Promise.all(Array.from({ length: callers }, (_, name) => caller(name)));
  const between = (successor: ReadonlySet<string>) =>
    new Promise<void>((resolve) => {
      const enough = answered + callsBetween;
      const notBefore = performance.now() + leastPauseMs;
      onAnswer = () => {
        if (answered < enough || performance.now() < notBefore) return;
        if (!usesAll || successor.size > 0) resolve();
      };
    });
  await between(fleet.started);
  await fleet.restart(between);
  isOver = true;
  await calling;
  return failures.slice(0, 10);
}

describe("a rolling restart of three servers", () => {
  const configs: readonly [string, ServiceConfigInit][] = [
    ["pick_first", {}],
    ["round_robin", roundRobin],
  ];

  for (const [policy, serviceConfig] of configs) {
    it(`fails no call of our client with ${policy}`, async () => {
      await using fleet = new Fleet();
      await fleet.start();
      await using channel = createChannel(`ipv4:${fleet.addresses}`, {
        credentials: insecure(),
        serviceConfig,
        connect: { initialBackoffMs: 100 },
      });
      const echo = createClient(EchoService, channel);
      const failures = await failuresOf(fleet, policy !== "pick_first", (id) =>
        echo.unary({ id }, { timeoutMs: 10_000 }).then(
          () => undefined,
          (error: Error) => error.message,
        ),
      );
      assert.deepEqual(failures, []);
    });

    it(`fails no call of grpc-js's client with ${policy}`, async () => {
      await using fleet = new Fleet();
      await fleet.start();
      using client = new GrpcJsClient(`ipv4:${fleet.addresses}`, {
        "grpc.service_config": JSON.stringify(serviceConfig),
        "grpc.initial_reconnect_backoff_ms": 100,
      });
      const failures = await failuresOf(fleet, policy !== "pick_first", async (id) => {
        const { status } = await client.unary({ id }, { deadline: Date.now() + 10_000 });
        return status.code === StatusCode.OK ? undefined : `${status.code} ${status.details}`;
      });
      assert.deepEqual(failures, []);
    });
  }
});
