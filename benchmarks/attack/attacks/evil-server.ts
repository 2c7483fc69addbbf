/** Servers that attack their clients, by name. */
import { createServer, type Server } from "node:net";
import { data, flag, frame, frameType, goAway, headers, reset, settings } from "../wire/frames.js";
import { indexed, inserted, newestIndex, plain, plainResponse } from "../wire/header-blocks.js";
import { RawConnection } from "../wire/raw-connection.js";
import type { Attacker } from "./attacker.js";
import { batchOf, type Flood, floods } from "./floods.js";
import { createMessage } from "./gzip-bomb.js";

interface Evil {
  /** Answers no SETTINGS either. */
  readonly isMute?: boolean;
  /** Instead of SETTINGS. */
  readonly greeting?: Uint8Array;
  /** To each request. */
  readonly answer: (streamId: number) => Uint8Array;
  /** Behind the first answer, without end. */
  readonly flood?: Flood;
}

export type CreateEvil = () => Evil | Promise<Evil>;

const response = (streamId: number): Buffer => headers(streamId, plainResponse());
const nothing = (): Uint8Array => new Uint8Array(0);
const noise = Buffer.alloc(64 * 1024, "HTTP/1.1 400 Bad Request\r\n\r\n");
const messageOf = (bytes: number): Buffer => Buffer.of(0, 0, bytes >> 16, (bytes >> 8) & 255, bytes & 255);

const tinyMessage: Flood = {
  opening: (streamId) => data(streamId, messageOf(1_000_000)),
  unit: (streamId) => data(streamId, Buffer.of(0x5a)),
  frames: 1,
  onStream: true,
};

async function gzipBomb(): Promise<Evil> {
  const message = await createMessage();
  const pieces = (streamId: number): Buffer[] => {
    const frames: Buffer[] = [];
    for (let at = 0; at < message.length; at += 16_384) frames.push(data(streamId, message.subarray(at, at + 16_384)));
    return frames;
  };
  return {
    answer: (streamId) =>
      Buffer.concat([headers(streamId, plainResponse(plain("grpc-encoding", "gzip"))), ...pieces(streamId)]),
  };
}

function headerBomb(): Evil {
  const first = plainResponse(inserted("x", "v".repeat(3900)));
  const references = Buffer.concat(Array.from({ length: 16_000 }, () => indexed(newestIndex)));
  return {
    answer: (streamId) =>
      streamId === 1 ? headers(1, first) : headers(streamId, Buffer.concat([plainResponse(), references])),
  };
}

const flooding: Record<string, CreateEvil> = Object.fromEntries(
  Object.entries<Flood>(floods).map(([name, flood]) => [
    name,
    () => ({ answer: flood.onStream ? response : nothing, flood }),
  ]),
);

export const evils: Readonly<Record<string, CreateEvil>> = {
  ...flooding,
  silent: () => ({ isMute: true, greeting: nothing(), answer: nothing }),
  noise: () => ({ isMute: true, greeting: noise, answer: nothing }),
  "hpack-bomb": headerBomb,
  "tiny-data": () => ({ answer: response, flood: tinyMessage }),
  "gzip-bomb": gzipBomb,
  "reset-each": () => ({ answer: (streamId) => reset(streamId) }),
  "goaway-each": () => ({ answer: () => goAway(0, 0) }),
  "goaway-at-once": () => ({ greeting: Buffer.concat([settings(), goAway(0, 0)]), answer: nothing }),
  "goaway-debug": () => ({ answer: () => goAway(0, 11, "x".repeat(16_000)) }),
  "unknown-frames": () => ({
    answer: nothing,
    flood: {
      opening: nothing,
      unit: (streamId) => frame(0xbe, 0xff, streamId, noise.subarray(0, 64)),
      frames: 1,
      onStream: false,
    },
  }),
};

/** Resolves to the port that it listens on. */
export async function listenEvil(evil: Evil, attacker: Attacker): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    const connection = new RawConnection(socket, "server");
    attacker.adopt(connection);
    connection.isPolite = evil.isMute !== true;
    connection.write(evil.greeting ?? settings());
    attack(evil, connection, attacker);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { server, port: address.port };
}

function attack(evil: Evil, connection: RawConnection, attacker: Attacker): void {
  let isFlooding = false;
  connection.onFrame = ({ type, streamId, flags }) => {
    if (type !== frameType.HEADERS || (flags & flag.END_HEADERS) === 0) return;
    if (isFlooding) return;
    connection.write(evil.answer(streamId));
    attacker.units++;
    if (evil.flood === undefined) return;
    isFlooding = true;
    if (evil.flood.deaf) connection.stopReading();
    const { bytes, frames } = batchOf(evil.flood, streamId);
    connection.write(evil.flood.opening(streamId));
    void attacker.flood(connection, () => bytes, frames);
  };
}
