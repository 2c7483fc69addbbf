import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import { createChannel, createClient, insecure, StatusError, statusCodeName } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { clientPreface, frames, frameType, type Part, uint32 } from "../support/frames.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { hundredFields, message, RawPeer } from "./raw-peer.js";

describe("e2e: a hostile server", () => {
  checkRejections();

  /** A unary call to a server that sends `answer` when the request's headers have come. */
  async function callTo(answer: Part[]): Promise<string> {
    const peers: RawPeer[] = [];
    const server = createTcpServer({ noDelay: true }, (socket) => {
      const peer = new RawPeer(socket, clientPreface.length);
      peers.push(peer);
      void peer
        .send(frames.settings())
        .until(/^HEADERS 1/)
        .then(() => peer.send(...answer));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const channel = createChannel(`127.0.0.1:${port}`, { credentials: insecure() });
    const outcome = await outcomeOf(createClient(EchoService, channel).unary({}, { timeoutMs: 2000 }));
    assert.equal(channel.describe().runningCalls, 0);
    for (const peer of peers) peer.destroy();
    await channel.close();
    server.close();
    await once(server, "close");
    return outcome;
  }

  async function outcomeOf(call: Promise<unknown>): Promise<string> {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return "OK";
    assert.ok(error instanceof StatusError, String(error));
    return `${statusCodeName(error.code)}: ${error.statusMessage}`;
  }

  const headers = (...more: string[]) => frames.headers(1).response(200, "content-type", "application/grpc", ...more);
  const trailers = (...fields: string[]) =>
    frames
      .headers(1)
      .fields(...fields)
      .endStream();
  const good = [headers(), frames.data(1, message()), trailers("grpc-status", "0")];
  const protocolError = "INTERNAL: stream was reset by this side with PROTOCOL_ERROR (1)";
  const calm = "RESOURCE_EXHAUSTED: stream was reset by this side with ENHANCE_YOUR_CALM (11)";

  /** DATA frames of a size that every peer takes. */
  const cut = (bytes: Buffer): Part[] => {
    const parts: Part[] = [];
    for (let at = 0; at < bytes.length; at += 16_384) parts.push(frames.data(1, bytes.subarray(at, at + 16_384)));
    return parts;
  };

  it("ends its calls with one clear status, whatever it answers", async () => {
    const bomb = message(gzipSync(Buffer.alloc(12_000_000)), 1);
    const answers: [string, Part[]][] = [
      ["OK", good],
      ["OK", [frames.headers(1).response(100), ...good]],
      ["OK", [frames.raw(0x2a, 0xff, 1, Buffer.alloc(40)), ...good, frames.rst(1, 0)]],
      ["OK", [frames.goAway(1, 0), ...good]],
      [
        "UNKNOWN: trailers have 2 grpc-status fields, expected one",
        [headers(), trailers("grpc-status", "0", "grpc-status", "0")],
      ],
      ["UNKNOWN: trailers have no grpc-status, expected one", [headers(), trailers("x", "y")]],
      ["UNKNOWN: grpc-status is 99, expected 0 to 16", [headers(), trailers("grpc-status", "99")]],
      ["INVALID_ARGUMENT: a%zz%f", [headers(), trailers("grpc-status", "3", "grpc-message", "a%zz%f")]],
      ["NOT_FOUND: ", [headers("__proto__", "x", "constructor", "y"), trailers("grpc-status", "5", "__proto__", "x")]],
      ['INTERNAL: metadata value of "x-bin" is not base64', [headers("x-bin", "@@@")]],
      [`${protocolError}: trailers come without END_STREAM`, [headers(), frames.headers(1).fields("grpc-status", "0")]],
      ["INTERNAL: the server ended the stream without trailers", [headers(), frames.data(1, message()).endStream()]],
      ["UNIMPLEMENTED: the server of", [headers(), frames.data(1, Buffer.alloc(10)), trailers("grpc-status", "0")]],
      ["UNIMPLEMENTED: the server of", [headers(), trailers("grpc-status", "0")]],
      ["INTERNAL: stream ended inside a message", [headers(), frames.data(1, 7), trailers("grpc-status", "0")]],
      [
        "RESOURCE_EXHAUSTED: response message is 4294967295 bytes, limit 4194304",
        [headers(), frames.data(1, Buffer.of(0, 255, 255, 255, 255))],
      ],
      [
        "RESOURCE_EXHAUSTED: response message is more than 4194304 bytes",
        [headers("grpc-encoding", "gzip"), frames.data(1, bomb)],
      ],
      [
        "INTERNAL: response message does not decompress",
        [headers("grpc-encoding", "gzip"), frames.data(1, message(Buffer.alloc(9), 1))],
      ],
      [
        "INTERNAL: response message does not decompress",
        [headers("grpc-encoding", "gzip"), ...cut(message(Buffer.alloc(200_000, 0xff), 1))],
      ],
      ['INTERNAL: response is encoded with "__proto__"', [headers("grpc-encoding", "__proto__")]],
      [
        "INTERNAL: response message has its compressed flag set",
        [headers(), frames.data(1, message(Buffer.alloc(1), 1))],
      ],
      [
        "INTERNAL: response message of 2 bytes does not decode",
        [headers(), frames.data(1, message(Buffer.of(255, 255)))],
      ],
      [`${protocolError}: more than 16 1xx`, Array.from({ length: 17 }, () => frames.headers(1).response(103))],
      [`${protocolError}: DATA frame on stream 1 came before its headers`, [frames.data(1, message())]],
      [`${protocolError}: DATA does not add up`, [headers("content-length", "3"), frames.data(1, message())]],
      [`${calm}: header list`, [headers("x", "y".repeat(13_000), ...hundredFields)]],
      ["INTERNAL: stream was reset by this side with FLOW_CONTROL_ERROR", [frames.windowUpdate(1, 0x7fffffff)]],
      // Refused once more over the next connection: the first time it is sent again.
      ["UNAVAILABLE: the peer reset the stream with REFUSED_STREAM", [frames.rst(1, 7), frames.goAway(1, 0)]],
      ["INTERNAL: peer reset the stream with 0xffffffff", [headers(), frames.rst(1, 0xffffffff)]],
      [
        "UNAVAILABLE: the peer is going away (NO_ERROR) and did not process",
        [frames.goAway(0, 0), frames.goAway(0x7fffffff, 0)],
      ],
      [
        'UNKNOWN: server answered HTTP status 200 (OK) with content-type "text/html"',
        [frames.headers(1).response(200, "content-type", "text/html")],
      ],
    ];
    for (const [expected, answer] of answers) {
      const outcome = await callTo(answer);
      assert.ok(outcome.startsWith(expected), `${outcome}, expected ${expected}`);
    }
  });

  it("that breaks HTTP/2 loses its connection, and the call says why", async () => {
    const breaches: [RegExp, Part[]][] = [
      [/HEADERS frame on stream 3, which is idle/, [frames.headers(3).response()]],
      [/HEADERS frame on stream 2, which is idle/, [frames.headers(2).response()]],
      [/PUSH_PROMISE frame came/, [frames.raw(frameType.PUSH_PROMISE, 0x4, 1, uint32(2))]],
      [/PING frame came amid the header block of stream 1/, [headers().unfinished(), frames.ping()]],
      [/HPACK index is \d+, expected 1 to 61/, [frames.headers(1).block(Buffer.of(0xff, 0x20))]],
      [/DATA frame is 16777215 bytes, limit 65536/, [frames.raw(frameType.DATA, 0, 1, Buffer.alloc(0), 0xffffff)]],
      [/SETTINGS_ENABLE_PUSH is 1, expected 0/, [frames.settings(2, 1)]],
      [/SETTINGS_MAX_FRAME_SIZE is 1, expected/, [frames.settings(5, 1)]],
      [
        /takes a stream's window above 2147483647/,
        [frames.windowUpdate(1, 0x7fff0000), frames.settings(4, 0x7fffffff)],
      ],
      [/WINDOW_UPDATE takes the connection's window above/, [frames.windowUpdate(0, 0x7fffffff)]],
    ];
    for (const [expected, answer] of breaches) {
      const outcome = await callTo(answer);
      assert.match(outcome, /^UNAVAILABLE: the connection was lost: /);
      assert.match(outcome, expected);
    }
  });
});
