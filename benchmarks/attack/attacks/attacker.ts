import { performance } from "node:perf_hooks";
import { setImmediate, setTimeout } from "node:timers/promises";
import { median } from "../../macro/statistics.js";
import type { Tally } from "../messages.js";
import { codeName } from "../wire/frames.js";
import { RawConnection } from "../wire/raw-connection.js";

/** An attack, until the attacker is stopped. */
export type Attack = (attacker: Attacker) => Promise<void>;

/** Makes an attack; what it needs first is made before its clock starts. */
export type CreateAttack = () => Attack | Promise<Attack>;

/** The connections of one attack, and the book of what came of them. */
export class Attacker {
  readonly port: number;
  units = 0;
  readonly statuses: Record<string, number> = {};
  readonly #connections: RawConnection[] = [];
  #failedConnects = 0;
  #startedAt = performance.now();
  #stoppedAt: number | undefined;
  #openAtEnd = 0;
  #oldestOpenMs = 0;
  #error: string | undefined;

  constructor(port: number) {
    this.port = port;
  }

  get isStopped(): boolean {
    return this.#stoppedAt !== undefined;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  start(attack: Attack): void {
    this.#startedAt = performance.now();
    attack(this).catch((error: unknown) => {
      this.#error = error instanceof Error ? error.message : String(error);
    });
  }

  /** Ends what is still open. */
  stop(): Tally {
    this.#stoppedAt = performance.now();
    for (const connection of this.#connections) {
      if (connection.closedAt !== undefined) continue;
      this.#openAtEnd++;
      this.#oldestOpenMs = Math.max(this.#oldestOpenMs, this.#stoppedAt - connection.attackedAt);
      connection.destroy();
    }
    return this.#tally(this.#stoppedAt);
  }

  /** Undefined when there is no connection to be had; then some time has passed. */
  async open(): Promise<RawConnection | undefined> {
    const connection = await RawConnection.open(this.port);
    if (connection === undefined) {
      this.#failedConnects++;
      await setTimeout(20);
      return undefined;
    }
    this.#connections.push(connection);
    if (this.isStopped) connection.destroy();
    return connection;
  }

  /** A connection that a server accepted. */
  adopt(connection: RawConnection): void {
    this.#connections.push(connection);
  }

  /** Writes batch after batch, as fast as they are taken, for as long as the connection stands. */
  async flood(connection: RawConnection, batch: () => Uint8Array, unitsOfBatch: number): Promise<void> {
    while (!this.isStopped && connection.isOpen) {
      connection.write(batch());
      this.units += unitsOfBatch;
      await connection.writable();
      // What the peer says is to be seen as it comes.
      await setImmediate();
    }
  }

  /** Waits for the end of the attack. */
  async hold(): Promise<void> {
    while (!this.isStopped) await setTimeout(20);
  }

  countStatus(status: string | number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  #tally(stoppedAt: number): Tally {
    const ended = this.#connections.filter(({ closedAt }) => closedAt !== undefined && closedAt <= stoppedAt);
    const lives = ended.map(({ attackedAt, closedAt = stoppedAt }) => closedAt - attackedAt);
    const goAways: Record<string, number> = {};
    let goAwayText: string | undefined;
    for (const { goAway } of this.#connections) {
      if (goAway === undefined) continue;
      const name = codeName(goAway.code);
      goAways[name] = (goAways[name] ?? 0) + 1;
      goAwayText ??= goAway.debug;
    }
    const isOver = ended.length > 0 && this.#openAtEnd === 0;
    return {
      type: "tally",
      connections: this.#connections.length,
      failedConnects: this.#failedConnects,
      openAtEnd: this.#openAtEnd,
      oldestOpenMs: this.#oldestOpenMs,
      units: this.units,
      bytes: this.#connections.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
      seconds: (stoppedAt - this.#startedAt) / 1000,
      resets: this.#connections.reduce((sum, { resets }) => sum + resets, 0),
      goAways,
      goAwayText,
      closedAfterMs: lives.length === 0 ? undefined : { median: median(lives), max: Math.max(...lives) },
      allClosedMs: isOver
        ? Math.max(...ended.map(({ closedAt = stoppedAt }) => closedAt - this.#startedAt))
        : undefined,
      statuses: this.statuses,
      error: this.#error,
    };
  }
}
