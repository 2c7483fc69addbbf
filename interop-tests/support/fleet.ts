/** Three servers of ours that are restarted one after the other, and clients that call meanwhile. */
import type { UnaryResponseInit } from "../gen/godwit/testing/v1/echo_godwit.js";
import { type OurServer, startOurServer } from "../ours/our-server.js";

const servers = 3;
/** Calls that have to be answered before the next server is restarted. */
const callsBetween = 300;
/** Time between two restarts: a client that found a server gone does not ask for it before its backoff is over, here of 100 ms. */
const leastPauseMs = 400;

/** Servers, each of which is replaced by another on its port: how a deployment goes over a fleet. */
export class Fleet implements AsyncDisposable {
  /** Ids of the calls whose handlers have started, on whichever server. */
  readonly started = new Set<string>();
  readonly #servers: OurServer[] = [];

  async start(): Promise<void> {
    for (let i = 0; i < servers; i++) this.#servers.push(await this.#startOne(0, new Set()));
  }

  /** `host:port`, parted by commas. */
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

/** A call that failed. */
export interface FailedCall {
  readonly id: string;
  readonly reason: string;
}

/** Clients that call over and over. */
export interface Load {
  /** Calls that have ended. */
  readonly ended: number;
  /** Called when there are more of them. */
  onEnded: () => void;
  readonly failed: readonly FailedCall[];
  /** Resolves when the last call has ended. */
  stop(): Promise<void>;
}

/** Calls made by a function, so many at a time; it gives the reason of one that failed. */
export class CallerLoad implements Load {
  ended = 0;
  onEnded = (): void => {};
  readonly failed: FailedCall[] = [];
  readonly #call: (id: string) => Promise<string | undefined>;
  readonly #calling: Promise<unknown>;
  #isOver = false;

  constructor(callers: number, call: (id: string) => Promise<string | undefined>) {
    this.#call = call;
    this.#calling = Promise.all(Array.from({ length: callers }, (_, name) => this.#callOver(name)));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#calling;
  }

  async #callOver(name: number): Promise<void> {
    for (let i = 0; !this.#isOver; i++) {
      const id = `${name}-${i}`;
      const reason = await this.#call(id);
      if (reason !== undefined) {
        this.failed.push({ id, reason });
        // A failure may come within this very turn: others are to have theirs.
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.ended++;
      this.onEnded();
    }
  }
}

/**
 * Restarts the fleet under load; gives what failed, in a sentence each. Where the policy uses every server, the next one is
 * restarted when the clients have found the successor of the last.
 */
export async function failuresOfRestart(
  fleet: Fleet,
  load: Load,
  usesAll: boolean,
  pauseMs: number = leastPauseMs,
): Promise<string[]> {
  const between = (successor: ReadonlySet<string>) =>
    new Promise<void>((resolve) => {
      const enough = load.ended + callsBetween;
      const notBefore = performance.now() + pauseMs;
      load.onEnded = () => {
        if (load.ended < enough || performance.now() < notBefore) return;
        if (!usesAll || successor.size > 0) resolve();
      };
    });
  await between(fleet.started);
  await fleet.restart(between);
  await load.stop();
  return load.failed.map(({ id, reason }) => `${reason} (${fleet.started.has(id) ? "started" : "never started"})`);
}
