import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import type { Http2Limits } from "../../../src/http2/limits.js";
import { frames, type Part, settingId } from "../../support/frames.js";
import { SessionPair } from "../../support/session-pair.js";
import { LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const response = new HeaderBlock([":status", "200"]);
const trailers = new HeaderBlock(["grpc-status", "0"]);

function openServer(limits: Partial<Http2Limits> = {}): LoneSession {
  return LoneSession.open("server", limits);
}

/** A client with streams open and their headers sent. */
function openClient(streams: number, ...settings: number[]): LoneSession {
  const lone = LoneSession.open("client", {}, ...settings);
  for (let i = 0; i < streams; i++) lone.session.openStream(request, false);
  lone.sent();
  return lone;
}

/** A server whose stream 1 has been brought into a state, in one of the ways that lead there. */
const closings: Record<string, (lone: LoneSession) => void> = {
  "both ended": (lone) => {
    lone.feed(frames.headers(1).request().endStream());
    lone.session.sendHeaders(1, response, true);
  },
  "the peer reset it": (lone) => {
    lone.feed(frames.headers(1).request(), frames.rst(1, ErrorCode.CANCEL));
  },
  "the peer reset it after its end": (lone) => {
    lone.feed(frames.headers(1).request().endStream(), frames.rst(1, ErrorCode.CANCEL));
  },
  "we reset it": (lone) => {
    lone.feed(frames.headers(1).request());
    lone.session.resetStream(1, ErrorCode.CANCEL);
  },
  "we refused it": (lone) => {
    lone.feed(frames.headers(1).fields("bad", "request"));
  },
};

describe("Http2Session: streams", () => {
  describe("ids", () => {
    it("of a client are odd and rise by two", () => {
      const lone = openClient(0);
      assert.deepEqual(
        [1, 2, 3].map(() => lone.session.openStream(request, true)),
        [1, 3, 5],
      );
    });

    it("may leave gaps", () => {
      const lone = openServer();
      assert.deepEqual(lone.feed(frames.headers(5).request(), frames.headers(11).request()), [
        "headers 5",
        "headers 11",
      ]);
    });

    it("that are even are refused (h2spec 5.1.1/1)", () => {
      for (const id of [2, 4, 0x7ffffffe]) {
        const lone = openServer();
        const events = lone.feedEvents(frames.headers(id).request());
        assert.equal(LoneSession.closedMessage(events), `HEADERS frame on stream ${id}, which is idle`);
        assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
      }
    });

    it("that were passed over may not be used any more (h2spec 5.1.1/2)", () => {
      for (const id of [1, 3, 7, 9]) {
        const lone = openServer();
        lone.feed(frames.headers(5).request().endStream(), frames.headers(11).request().endStream());
        const events = lone.feedEvents(frames.headers(id).request());
        assert.equal(
          LoneSession.closedMessage(events),
          `HEADERS frame on stream ${id}, expected an id above 11: the peer passed it over`,
        );
        assert.deepEqual(lone.sent(), ["GOAWAY 11 PROTOCOL_ERROR"]);
      }
    });

    it("end with 2^31-1, which is served as any other (A16)", () => {
      const last = 0x7fffffff;
      const lone = openServer();
      assert.deepEqual(lone.feed(frames.headers(last).request()), [`headers ${last}`]);
      lone.session.sendHeaders(last, response, true);
      assert.deepEqual(lone.sent(), [`HEADERS ${last} END_STREAM`]);
      const events = lone.feedEvents(frames.headers(1).request());
      assert.match(LoneSession.closedMessage(events), /HEADERS frame on stream 1, expected an id above 2147483647/);
      assert.deepEqual(lone.sent(), [`GOAWAY ${last} PROTOCOL_ERROR`]);
    });

    it("are remembered as passed over in a bounded way", () => {
      const lone = openServer({ maxPrematureResets: Number.POSITIVE_INFINITY });
      for (let id = 1; id < 4000; id += 4) lone.feed(frames.headers(id).request(), frames.rst(id, 8));
      const events = lone.feedEvents(frames.headers(3995).request());
      assert.match(LoneSession.closedMessage(events), /passed it over/);
    });

    it("of a server's pushes are refused by a client", () => {
      const lone = openClient(1);
      const events = lone.feedEvents(frames.headers(2).response());
      assert.equal(LoneSession.closedMessage(events), "HEADERS frame on stream 2, which is idle");
    });

    it("of responses must have been used", () => {
      const lone = openClient(1);
      const events = lone.feedEvents(frames.headers(3).response());
      assert.equal(LoneSession.closedMessage(events), "HEADERS frame on stream 3, which is idle");
    });
  });

  describe("idle streams take HEADERS and PRIORITY alone (RFC 9113 §5.1, h2spec 5.1/1 to 4)", () => {
    const cases: [string, Part, string, string][] = [
      ["DATA", frames.data(1, 1), "DATA frame on stream 1, which is idle", "PROTOCOL_ERROR"],
      ["RST_STREAM", frames.rst(1, 8), "RST_STREAM frame on stream 1, which is idle", "PROTOCOL_ERROR"],
      ["WINDOW_UPDATE", frames.windowUpdate(1, 1), "WINDOW_UPDATE frame on stream 1, which is idle", "PROTOCOL_ERROR"],
      [
        "CONTINUATION",
        frames.continuation(1, Buffer.alloc(0)).endHeaders(),
        "CONTINUATION of stream 1 does not follow a HEADERS frame of that stream",
        "PROTOCOL_ERROR",
      ],
    ];
    for (const [what, part, message, code] of cases) {
      it(what, () => {
        for (const role of ["client", "server"] as const) {
          const lone = LoneSession.open(role);
          assert.equal(LoneSession.closedMessage(lone.feedEvents(part)), message);
          assert.deepEqual(lone.sent(), [`GOAWAY 0 ${code}`]);
        }
      });
    }
    it("PRIORITY", () => {
      const lone = openServer();
      assert.deepEqual(lone.feed(frames.priority(1, 0), frames.priority(2, 7)), []);
      assert.deepEqual(lone.feed(frames.headers(1).request()), ["headers 1"]);
    });
  });

  describe("half-closed by the peer (h2spec 5.1/5 to 7)", () => {
    for (const [what, part] of [
      ["DATA", frames.data(1, 1)],
      ["HEADERS", frames.headers(1).fields("a", "b").endStream()],
    ] as const) {
      it(`${what} is a stream error, STREAM_CLOSED`, () => {
        const lone = openServer();
        lone.feed(frames.headers(1).request().endStream(), frames.headers(3).request());
        const events = lone.feedEvents(part);
        assert.deepEqual(events, [
          {
            type: "reset",
            streamId: 1,
            code: ErrorCode.STREAM_CLOSED,
            initiator: "local",
            message: `${what} frame on stream 1, which the peer has closed`,
            unprocessed: false,
          },
        ]);
        assert.deepEqual(lone.sent(), ["RST_STREAM 1 STREAM_CLOSED"]);
        assert.equal(lone.session.openStreams, 1);
      });
    }
    it("WINDOW_UPDATE, PRIORITY and RST_STREAM are taken (h2spec generic/2)", () => {
      const lone = openServer();
      lone.feed(frames.headers(1).request().endStream());
      assert.deepEqual(lone.feed(frames.windowUpdate(1, 1), frames.priority(1, 0), frames.rst(1, 8)), [
        "reset 1 CANCEL remote",
      ]);
    });
  });

  describe("closed", () => {
    for (const [how, close] of Object.entries(closings)) {
      describe(how, () => {
        const open = () => {
          const lone = openServer();
          close(lone);
          lone.sent();
          assert.equal(lone.session.openStreams, 0);
          return lone;
        };

        it("RST_STREAM, WINDOW_UPDATE and PRIORITY are passed over", () => {
          const lone = open();
          assert.deepEqual(lone.feed(frames.rst(1, 8), frames.windowUpdate(1, 0), frames.priority(1, 0)), []);
          assert.deepEqual(lone.sent(), []);
        });

        it("DATA (RFC 9113 §5.1, h2specd 5.1/8)", () => {
          const lone = open();
          const events = lone.feedEvents(frames.data(1, 10), frames.data(1, 10).endStream());
          if (how === "both ended") {
            assert.equal(LoneSession.closedMessage(events), "DATA frame on stream 1, which the peer has closed");
            assert.deepEqual(lone.sent(), ["GOAWAY 1 STREAM_CLOSED"]);
          } else {
            assert.deepEqual(events, []);
            assert.deepEqual(lone.sent(), how.startsWith("we") ? [] : ["RST_STREAM 1 STREAM_CLOSED"]);
          }
        });

        it("HEADERS", () => {
          const lone = open();
          const events = lone.feedEvents(frames.headers(1).request());
          if (how.startsWith("we")) {
            assert.deepEqual(lone.sent(), []);
          } else if (how === "both ended") {
            const message = "HEADERS frame on stream 1, which the peer has closed";
            assert.equal(LoneSession.closedMessage(events), message);
            assert.deepEqual(lone.sent(), ["GOAWAY 1 STREAM_CLOSED"]);
          } else {
            assert.deepEqual(events, []);
            assert.deepEqual(lone.sent(), ["RST_STREAM 1 STREAM_CLOSED"]);
          }
        });

        it("CONTINUATION ends the connection", () => {
          const lone = open();
          lone.feed(frames.continuation(1, Buffer.alloc(0)).endHeaders());
          assert.deepEqual(lone.sent(), ["GOAWAY 1 PROTOCOL_ERROR"]);
        });

        it("header blocks that nobody takes keep the table right", () => {
          const lone = open();
          if (how === "both ended") lone.session.ping(Buffer.alloc(8));
          else lone.feed(frames.headers(1).block(Buffer.from("400161023132", "hex")).endStream());
          const extra = how === "both ended" ? Buffer.from("400161023132", "hex") : Buffer.of(0xbe);
          const plain = frames.headers(3).request().build().subarray(9);
          const [event] = lone.feedEvents(frames.headers(3).block(Buffer.concat([plain, extra])));
          assert.ok(event?.type === "headers");
          assert.equal(event.headers.get("a"), "12");
        });
      });
    }

    it("R44 haskell http2 #178: slots are free again, and only once", () => {
      const lone = openServer({ maxConcurrentStreams: 2 });
      for (let id = 1; id < 200; id += 4) {
        assert.deepEqual(lone.feed(frames.headers(id).request(), frames.headers(id + 2).request()), [
          `headers ${id}`,
          `headers ${id + 2}`,
        ]);
        lone.feed(frames.rst(id, 8), frames.rst(id, 8), frames.rst(id, 8));
        lone.session.resetStream(id + 2, ErrorCode.CANCEL);
        lone.session.resetStream(id + 2, ErrorCode.CANCEL);
      }
      lone.sent();
      lone.feed(frames.headers(1001).request(), frames.headers(1003).request(), frames.headers(1005).request());
      assert.deepEqual(lone.sent(), ["RST_STREAM 1005 REFUSED_STREAM"], "a slot is not returned twice");
    });
  });

  describe("resets that cross", () => {
    it("what was on its way when we reset is passed over, its header block is read", () => {
      const lone = openClient(2);
      lone.session.resetStream(1, ErrorCode.CANCEL);
      lone.sent();
      assert.deepEqual(
        lone.feed(frames.headers(1).response(), frames.data(1, 100), frames.headers(1).fields("a", "b").endStream()),
        [],
      );
      assert.deepEqual(lone.sent(), []);
    });

    it("five thousand cancelled calls whose responses are on their way leave the connection alone", () => {
      const lone = openClient(0);
      const ids = Array.from({ length: 5000 }, () => lone.session.openStream(request, true) as number);
      for (const id of ids) lone.session.resetStream(id, ErrorCode.CANCEL);
      lone.sent();
      for (const id of ids) {
        assert.deepEqual(lone.feed(frames.headers(id).response(), frames.data(id, 5)), [], `stream ${id}`);
        assert.deepEqual(lone.feed(frames.headers(id).fields("a", "b").endStream()), [], `stream ${id}`);
      }
      assert.ok(!lone.session.closed);
    });

    it("a remote reset is never echoed", () => {
      const lone = openClient(1);
      lone.sendMessage(1, Buffer.alloc(100_000));
      assert.deepEqual(lone.feed(frames.rst(1, ErrorCode.INTERNAL_ERROR)), ["reset 1 INTERNAL_ERROR remote"]);
      assert.deepEqual(lone.sent(), [], "nor is what was queued sent");
    });

    it("REFUSED_STREAM says that nothing was done", () => {
      const lone = openClient(2);
      assert.deepEqual(lone.feedEvents(frames.rst(1, ErrorCode.REFUSED_STREAM), frames.rst(3, 0xabcdef01)), [
        {
          type: "reset",
          streamId: 1,
          code: ErrorCode.REFUSED_STREAM,
          initiator: "remote",
          message: "the peer reset the stream with REFUSED_STREAM",
          unprocessed: true,
        },
        {
          type: "reset",
          streamId: 3,
          code: 0xabcdef01,
          initiator: "remote",
          message: "the peer reset the stream with 0xabcdef01",
          unprocessed: false,
        },
      ]);
    });

    it("a reset amid a DATA frame passes over the rest of it", () => {
      const lone = openServer();
      lone.feed(frames.headers(1).request());
      const frame = frames.data(1, 100).padded(20).endStream().build();
      assert.deepEqual(lone.feed(frame.subarray(0, 50)), ["data 1 40 bytes"]);
      lone.session.resetStream(1, ErrorCode.CANCEL);
      assert.deepEqual(lone.feed(frame.subarray(50), frames.ping()), []);
      assert.deepEqual(lone.sent(), ["PING ACK 12345678", "RST_STREAM 1 CANCEL"]);
    });
  });

  describe("MAX_CONCURRENT_STREAMS (RFC 9113 §5.1.2)", () => {
    it("R40 netty CVE-2026-47244: of a server holds from the first byte, before the client acknowledges it", () => {
      const lone = new LoneSession("server", { maxConcurrentStreams: 3 });
      const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      const opened = lone.feed(preface, frames.settings(), ...[1, 3, 5, 7].map((id) => frames.headers(id).request()));
      assert.deepEqual(opened, ["settings", "headers 1", "headers 3", "headers 5"]);
      assert.equal(lone.sent().at(-1), "RST_STREAM 7 REFUSED_STREAM");
      lone.session.sendHeaders(1, response, true);
      assert.deepEqual(lone.feed(frames.headers(9).request()), [], "stream 1 is half open");
      lone.feed(frames.data(1, 0).endStream());
      assert.deepEqual(lone.feed(frames.headers(11).request()), ["headers 11"]);
    });

    it("of a client are those that the server gives it, from the first SETTINGS on", () => {
      const lone = new LoneSession("client");
      assert.equal(lone.session.streamSlots(), 0);
      assert.equal(lone.session.openStream(request, false), undefined);
      lone.greet(settingId.MAX_CONCURRENT_STREAMS, 2);
      assert.equal(lone.session.streamSlots(), 2);
      assert.deepEqual(
        [1, 2, 3].map(() => lone.session.openStream(request, false)),
        [1, 3, undefined],
      );
      lone.sent();
      lone.feed(frames.settings(settingId.MAX_CONCURRENT_STREAMS, 1));
      assert.equal(lone.session.streamSlots(), 0);
      lone.feed(frames.rst(1, 8));
      assert.equal(lone.session.streamSlots(), 0);
      lone.feed(frames.rst(3, 8));
      assert.equal(lone.session.streamSlots(), 1);
      lone.feed(frames.settings(settingId.MAX_CONCURRENT_STREAMS, 0xffffffff));
      assert.equal(lone.session.streamSlots(), 0xffffffff);
      lone.session.close(0, "");
      assert.equal(lone.session.streamSlots(), 0);
    });

    it("a client without a limit has any number", () => {
      const lone = openClient(0);
      assert.equal(lone.session.streamSlots(), Number.POSITIVE_INFINITY);
    });

    it("a slot is free after each way to the end", () => {
      const pair = SessionPair.open({ serverLimits: { maxConcurrentStreams: 1 } });
      const { client, server } = pair;
      const ends: ((id: number) => void)[] = [
        (id) => server.session.sendHeaders(id, trailers, true),
        (id) => server.session.resetStream(id, ErrorCode.REFUSED_STREAM),
        (id) => client.session.resetStream(id, ErrorCode.CANCEL),
        (id) => {
          server.session.sendHeaders(id, response, false);
          server.sendMessage(id, Buffer.alloc(100), true);
        },
        (id) => {
          server.session.sendHeaders(id, response, true);
          server.session.resetBehindQueue(id, ErrorCode.NO_ERROR);
        },
      ];
      for (const [index, end] of ends.entries()) {
        assert.equal(client.session.streamSlots(), 1, `before ${index}`);
        const id = client.session.openStream(request, index !== 4) as number;
        assert.equal(client.session.streamSlots(), 0);
        pair.drive();
        server.session.sendHeaders(id, index === 0 || index >= 3 ? response : response, false);
        end(id);
        pair.drive();
      }
      assert.equal(client.session.openStreams + server.session.openStreams, 0);
    });
  });

  it("says whether a stream may be sent on", () => {
    const lone = openClient(2);
    assert.ok(lone.session.maySend(1));
    lone.session.sendData(1, Buffer.alloc(0), true);
    assert.ok(!lone.session.maySend(1));
    lone.feed(frames.rst(3, 8));
    assert.ok(!lone.session.maySend(3));
    assert.ok(!lone.session.maySend(99));
  });
});
