import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import {
  bytesOf,
  clientPreface,
  describeFrame,
  frames,
  frameType,
  hpackLiterals,
  type Part,
} from "../support/frames.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, openLoopback } from "./loopback.js";
import { hello, hundredFields, message, RawPeer, request, service, unary } from "./raw-peer.js";

describe("e2e: a hostile client", () => {
  checkRejections();

  interface Victim extends AsyncDisposable {
    readonly port: number;
    /** Handlers that were started. */
    readonly started: string[];
    /** What comes back up to the answer to a PING, or to the end of the connection. */
    attack(...parts: Part[]): Promise<string>;
    /** The server is as good as before. */
    assertServes(): Promise<void>;
  }

  async function openVictim(): Promise<Victim> {
    const started: string[] = [];
    const loopback = await openLoopback({ handlers: spiesOf(started) });
    const { port, echo } = loopback;
    return {
      port,
      started,
      async attack(...parts) {
        const peer = await RawPeer.connect(port);
        const seen = await peer.send(...hello, ...parts, frames.ping("the-end.")).until(/PING ACK the-end|GOAWAY/);
        peer.destroy();
        return seen;
      },
      async assertServes() {
        await echo.unary({ id: "after" });
        assert.ok(started.includes("unary after"));
      },
      [Symbol.asyncDispose]: () => loopback[Symbol.asyncDispose](),
    };
  }

  const spiesOf = (started: string[]): EchoServiceHandlers => ({
    unary: ({ id }) => {
      started.push(`unary ${id}`);
      return {};
    },
    serverStream: () => [],
    clientStream: async (requests) => {
      started.push("clientStream");
      return { messages: (await collect(requests)).length };
    },
    async *bidi(requests) {
      started.push("bidi");
      for await (const { index } of requests) yield { index };
    },
  });

  it("R10 grpc-go CVE-2026-33186: starts no handler by a path that is not byte for byte one of the methods", async () => {
    await using victim = await openVictim();
    const path = `${service}Unary`;
    const wrong = ["/", "//", "*", path.slice(1), `/${path}`, `${path}/`, `${path}?x`, `${path}#x`, `http://h${path}`];
    const names = [
      path.toLowerCase(),
      path.replace("/Unary", "%2fUnary"),
      `${service}constructor`,
      `${service}__proto__`,
    ];
    const objects = ["/__proto__/toString", "/constructor/constructor", `/${"x".repeat(15_000)}`, "/\xff/\xfe"];
    const paths = [...wrong, ...names, ...objects];
    const peer = await RawPeer.connect(victim.port);
    peer.send(...hello, ...paths.flatMap((each, i) => unary(2 * i + 1, each)));
    await peer.until(new RegExp(`HEADERS ${2 * paths.length - 1} END_STREAM`));
    const answers = peer.frames.map(describeFrame).filter((text) => /^(HEADERS|RST_STREAM|DATA)/.test(text));
    assert.deepEqual(
      answers,
      paths.map((_, i) => `HEADERS ${2 * i + 1} END_STREAM`),
    );
    peer.destroy();
    assert.deepEqual(victim.started, []);
    await victim.assertServes();
  });

  it("R54 grpc-js CVE-2026-48068: starts no handler by a call that it resets, contradicts or breaks in the same breath", async () => {
    await using victim = await openVictim();
    const calls: Record<string, Part[]> = {
      reset: [...unary(1), frames.rst(1, 8)],
      "reset of a stream": [request(1, `${service}Bidi`), frames.rst(1, 8)],
      "DATA behind the end": [...unary(1), frames.data(1, message())],
      "a second request on the stream": [request(1, `${service}Bidi`), request(1, `${service}Bidi`)],
      "trailers with a pseudo-header": [
        request(1),
        frames.data(1, message()),
        frames.headers(1).fields(":path", "/").endStream(),
      ],
      "content-length that is not true": unary(1, undefined, "content-length", "7"),
      "no message": [request(1).endStream()],
      "two messages": [request(1), frames.data(1, Buffer.alloc(10)).endStream()],
      "half a message": [request(1), frames.data(1, Buffer.of(0, 0, 0, 0, 9, 1)).endStream()],
      "four gigabytes": [request(1), frames.data(1, Buffer.of(0, 255, 255, 255, 255))],
      "one byte above the limit": [request(1), frames.data(1, Buffer.of(0, 0, 64, 0, 1))],
      "a flag of 2": [request(1), frames.data(1, message(Buffer.alloc(1), 2)).endStream()],
      "a compressed flag without encoding": [request(1), frames.data(1, message(Buffer.alloc(1), 1)).endStream()],
      "an encoding named like a property": unary(1, undefined, "grpc-encoding", "constructor"),
      "what is no gzip": [
        request(1, undefined, "grpc-encoding", "gzip"),
        frames.data(1, message(Buffer.alloc(9), 1)).endStream(),
      ],
      "a bad timeout": unary(1, undefined, "grpc-timeout", "-1S"),
      "two timeouts": unary(1, undefined, "grpc-timeout", "1S", "grpc-timeout", "1S"),
      "a deadline that has passed": unary(1, undefined, "grpc-timeout", "0n"),
      "bad base64": unary(1, undefined, "x-bin", "@@@"),
      "more values than fields": unary(1, undefined, "x-bin", ",".repeat(3000)),
      "a line break": unary(1, undefined, "x", "a\r\nb: c"),
      "an upper-case name": unary(1, undefined, "X", "y"),
      "a connection field": unary(1, undefined, "transfer-encoding", "chunked"),
      "a pseudo-header behind a field": unary(1, undefined, ":authority", "other"),
      "a list above the limit": unary(1, undefined, "x", "y".repeat(13_000), ...hundredFields),
    };
    for (const [name, parts] of Object.entries(calls)) {
      const seen = await victim.attack(...parts);
      assert.deepEqual(victim.started, [], name);
      assert.match(seen, /PING ACK/, `${name} is no reason to end the connection: ${seen}`);
    }
    await victim.assertServes();
  });

  it("loses its connection, and nothing else, by what breaks HTTP/2", async () => {
    await using victim = await openVictim();
    const bomb = Buffer.concat([
      Buffer.of(0x82, 0x40, 1, 0x61, 0x7f, 0xa1, 0x1e),
      Buffer.alloc(4000, 0x62),
      Buffer.alloc(9000, 0xbe),
    ]);
    const breaches: Record<string, [Part[], string]> = {
      "an id below the last": [[...unary(5), ...unary(3)], "PROTOCOL_ERROR"],
      "an even id": [unary(2), "PROTOCOL_ERROR"],
      "stream 0": [[request(0)], "PROTOCOL_ERROR"],
      "DATA of an idle stream": [[frames.data(1, 1)], "PROTOCOL_ERROR"],
      "a frame amid a header block": [[request(1).unfinished(), frames.ping()], "PROTOCOL_ERROR"],
      "CONTINUATION of another stream": [
        [request(1).unfinished(), frames.continuation(3, Buffer.alloc(1))],
        "PROTOCOL_ERROR",
      ],
      "CONTINUATION of nothing": [[frames.continuation(1, Buffer.alloc(1))], "PROTOCOL_ERROR"],
      "an empty CONTINUATION": [
        [request(1).unfinished(), frames.continuation(1, Buffer.alloc(0))],
        "ENHANCE_YOUR_CALM",
      ],
      "endless CONTINUATION": [
        [request(1).unfinished(), ...Array.from({ length: 9 }, () => frames.continuation(1, hpackLiterals("a", "b")))],
        "ENHANCE_YOUR_CALM",
      ],
      "a header list that unpacks to too much": [[frames.headers(1).block(bomb)], "COMPRESSION_ERROR"],
      "an index of nothing": [[frames.headers(1).block(Buffer.of(0xff, 0x20))], "COMPRESSION_ERROR"],
      "a frame that is too large": [[frames.raw(frameType.DATA, 0, 1, Buffer.alloc(0), 0xffffff)], "FRAME_SIZE_ERROR"],
      "padding beyond the frame": [[request(1), frames.raw(frameType.DATA, 0x8, 1, Buffer.of(9, 0))], "PROTOCOL_ERROR"],
      "33 settings": [[frames.settings(...new Array<number>(66).fill(9))], "ENHANCE_YOUR_CALM"],
      "a window above 2^31-1": [[frames.windowUpdate(0, 0x7fffffff)], "FLOW_CONTROL_ERROR"],
      "a stream that depends on itself": [[request(1).priority(1)], "PROTOCOL_ERROR"],
      "the preface again": [[clientPreface], "FRAME_SIZE_ERROR"],
    };
    for (const [name, [parts, code]] of Object.entries(breaches)) {
      const seen = await victim.attack(...parts);
      assert.match(seen, new RegExp(`GOAWAY \\d+ ${code}`), `${name}: ${seen}`);
      assert.deepEqual(victim.started, [], name);
    }
    await victim.assertServes();
  });

  it("gets no more of a gzip bomb than the limit, and a sentence", async () => {
    await using victim = await openVictim();
    const bomb = message(gzipSync(Buffer.alloc(12_000_000)), 1);
    const peer = await RawPeer.connect(victim.port);
    peer.send(...hello, request(1, undefined, "grpc-encoding", "gzip"), frames.data(1, bomb).endStream());
    await peer.until(/HEADERS 1 END_STREAM/);
    peer.destroy();
    assert.deepEqual(victim.started, []);
    await victim.assertServes();
  });

  it("is answered alike when its bytes come one by one", async () => {
    await using victim = await openVictim();
    const bytes = bytesOf(
      ...hello,
      ...unary(1),
      request(3, `${service}Bidi`),
      frames.data(3, message()),
      frames.data(3, message()).endStream(),
    );
    const peer = await RawPeer.connect(victim.port);
    for (const byte of bytes) peer.send(Buffer.of(byte));
    const seen = await peer.until(/HEADERS 3 END_STREAM/);
    peer.destroy();
    for (const expected of ["DATA 1 5 bytes", "HEADERS 1 END_STREAM", "DATA 3 5 bytes"])
      assert.ok(seen.includes(expected), seen);
    assert.deepEqual(victim.started, ["unary ", "bidi"]);
  });

  it("may be cut off at every byte of an exchange", async () => {
    await using victim = await openVictim();
    const bytes = bytesOf(
      ...hello,
      ...unary(1),
      request(3, `${service}Bidi`),
      frames.data(3, message()),
      frames.ping(),
    );
    for (let end = 0; end <= bytes.length; end++) {
      const peer = await RawPeer.connect(victim.port);
      peer.send(bytes.subarray(0, end));
      if (end % 2 === 0) peer.reset();
      else peer.destroy();
    }
    await victim.assertServes();
  });
});
