import { type AddressInfo, createServer, type Socket } from "node:net";
import type { SubjectServer } from "../subject.js";
import {
  FrameReader,
  flag,
  frameHeaderBytes,
  frameType,
  literalField,
  literalFieldOf,
  opening,
  preface,
  writeFrameHeader,
} from "./frames.js";
import { Output } from "./output.js";

/** `:status: 200` of the static table, and the content type. */
const headersBlock = Buffer.concat([Buffer.from([0x88]), literalFieldOf(31, "application/grpc")]);
const trailersBlock = literalField("grpc-status", "0");

/** Answers each DATA frame, which has to be a whole request, with itself: the messages have the same fields. */
export function createSkeletonServer(): SubjectServer {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true));
    const output = new Output(socket);
    output.append(opening);
    const reader = new FrameReader(output, preface.length, (type, flags, stream, bytes, start, end) => {
      if (type !== frameType.data) return;
      if ((flags & flag.endStream) === 0) throw new Error("the skeleton knows no request of two frames");
      answer(output, stream, bytes, start, end);
    });
    socket.on("data", (chunk) => reader.receive(chunk));
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject).listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function answer(output: Output, stream: number, message: Buffer, start: number, end: number): void {
  const length = end - start;
  let at = output.reserve(3 * frameHeaderBytes + headersBlock.length + length + trailersBlock.length);
  const { bytes } = output;
  writeFrameHeader(bytes, at, headersBlock.length, frameType.headers, flag.endHeaders, stream);
  bytes.set(headersBlock, at + frameHeaderBytes);
  at += frameHeaderBytes + headersBlock.length;
  writeFrameHeader(bytes, at, length, frameType.data, 0, stream);
  message.copy(bytes, at + frameHeaderBytes, start, end);
  at += frameHeaderBytes + length;
  const lastFlags = flag.endHeaders | flag.endStream;
  writeFrameHeader(bytes, at, trailersBlock.length, frameType.headers, lastFlags, stream);
  bytes.set(trailersBlock, at + frameHeaderBytes);
}
