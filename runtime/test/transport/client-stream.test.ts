import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import type { Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { bytesOf, frames, type Part, settingId } from "../support/frames.js";
import {
  answered,
  ClientFixture,
  outcome,
  responseHeaders,
  responseMessage,
  serverPeer,
  trailers,
} from "./client-fixture.js";
import { framed, text } from "./text-method.js";

const cancelled: Status = { code: StatusCode.CANCELLED, message: "enough" };

describe("client stream", () => {
  describe("responses", () => {
    it("bring headers, messages and trailers", () => {
      const { call } = answered([
        responseHeaders("x-served-by", "a", "blob-bin", "AQI"),
        responseMessage("one"),
        responseMessage(""),
        trailers(0, "x-cost", "3"),
      ]);
      assert.deepEqual(call.response.events, ["headers", "message one", "message ", "status OK"]);
      assert.deepEqual({ ...call.response.headers?.toJSON() }, { "x-served-by": ["a"], "blob-bin": ["AQI="] });
      assert.deepEqual(call.response.peer, serverPeer);
      assert.deepEqual({ ...call.response.status?.trailers?.toJSON() }, { "x-cost": ["3"] });
    });

    it("may come before the request has ended, and then the rest of it is not sent", () => {
      const { fixture, call } = answered([responseHeaders(), trailers(5, "grpc-message", "no%20such")]);
      assert.equal(outcome(call), "NOT_FOUND: no such (processed)");
      assert.deepEqual(call.response.status?.peer, serverPeer);
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 NO_ERROR"]);
    });

    it("of trailers alone bring no headers", () => {
      const { call } = answered([
        frames
          .headers(1)
          .response(200, "content-type", "application/grpc", "grpc-status", "8", "grpc-message", "full", "x-t", "1")
          .endStream(),
      ]);
      assert.deepEqual(call.response.events, ["status RESOURCE_EXHAUSTED"]);
      assert.equal(outcome(call), "RESOURCE_EXHAUSTED: full (processed)");
      assert.deepEqual({ ...call.response.status?.trailers?.toJSON() }, { "x-t": ["1"] });
    });

    it("bring details and push-back of an error", () => {
      const { call } = answered([
        responseHeaders(),
        trailers(14, "grpc-message", "later", "grpc-status-details-bin", "CA4", "grpc-retry-pushback-ms", "25"),
      ]);
      assert.deepEqual([...(call.response.status?.details ?? [])], [8, 14]);
      assert.equal(call.response.status?.retryPushbackMs, 25);
    });

    const endings: readonly [string, readonly Part[], string][] = [
      [
        "without trailers",
        [responseHeaders(), frames.data(1).endStream()],
        "INTERNAL: the server ended the stream without trailers (processed)",
      ],
      [
        "inside a message",
        [responseHeaders(), frames.data(1, framed("whole").subarray(0, 7)), trailers()],
        "INTERNAL: stream ended inside a message: 2 of its 5 bytes have come (processed)",
      ],
      [
        "inside a prefix",
        [responseHeaders(), frames.data(1, Buffer.alloc(3)), trailers()],
        "INTERNAL: stream ended inside a message: 3 of the 5 bytes of its prefix have come (processed)",
      ],
      [
        "inside a message, with an error",
        [responseHeaders(), frames.data(1, Buffer.alloc(3)), trailers(10, "grpc-message", "raced")],
        "ABORTED: raced (processed)",
      ],
      [
        "without a status",
        [responseHeaders(), frames.headers(1).fields("x", "y").endStream()],
        "UNKNOWN: trailers have no grpc-status, expected one (processed)",
      ],
      [
        "with a page of a proxy",
        [frames.headers(1).response(503, "content-type", "text/html"), frames.data(1, "<html>").endStream()],
        'UNAVAILABLE: server answered HTTP status 503 (Service Unavailable) with content-type "text/html" and no grpc-status, expected HTTP status 200 with application/grpc (unknown)',
      ],
      [
        "with HTTP 401",
        [frames.headers(1).response(401).endStream()],
        "UNAUTHENTICATED: server answered HTTP status 401 (Unauthorized) with no content-type and no grpc-status, expected HTTP status 200 with application/grpc (unknown)",
      ],
      [
        "with another content-type",
        [frames.headers(1).response(200, "content-type", "application/json"), frames.data(1, "{}").endStream()],
        'UNKNOWN: server answered HTTP status 200 (OK) with content-type "application/json" and no grpc-status, expected HTTP status 200 with application/grpc (unknown)',
      ],
      [
        "with metadata that is not base64",
        [responseHeaders("x-bin", "%"), trailers()],
        'INTERNAL: metadata value of "x-bin" is not base64 (1 characters), expected the alphabet of RFC 4648 §4 with or without padding (processed)',
      ],
      [
        "in an encoding that was not offered",
        [responseHeaders("grpc-encoding", "snappy"), responseMessage("x", 1), trailers()],
        'INTERNAL: response is encoded with "snappy", which was not offered (processed)',
      ],
      [
        "compressed though no encoding was named",
        [responseHeaders(), responseMessage("<x>", 1), trailers()],
        "INTERNAL: response message has its compressed flag set, but grpc-encoding is identity (processed)",
      ],
      [
        "with a flag that is none",
        [responseHeaders(), responseMessage("x", 2), trailers()],
        "INTERNAL: response message has the compressed flag 2, expected 0 or 1 (processed)",
      ],
      [
        "with a message that does not decode",
        [responseHeaders(), responseMessage("undecodable"), trailers()],
        "INTERNAL: response message of 11 bytes does not decode: bad text (processed)",
      ],
      [
        "with a message that does not decompress",
        [responseHeaders("grpc-encoding", "gzip"), responseMessage("x", 1), trailers()],
        "INTERNAL: response message does not decompress: no angle (processed)",
      ],
    ];
    for (const [name, parts, expected] of endings) {
      it(`that end ${name} say so`, () => {
        assert.equal(outcome(answered(parts).call), expected);
      });
    }

    it("are the same however the bytes are cut", () => {
      const parts = [
        responseHeaders("x-a", "b"),
        responseMessage("first"),
        responseMessage("second, which is longer"),
        trailers(0, "x-c", "d"),
      ];
      const fixture = new ClientFixture({ chunkBytes: 1 });
      const call = fixture.openCall();
      call.stream.pull(5);
      fixture.server.send(bytesOf(...parts));
      assert.deepEqual(call.response.events, [
        "headers",
        "message first",
        "message second, which is longer",
        "status OK",
      ]);
    });

    it("are the same however messages are cut into frames", () => {
      const bytes = bytesOf(framed("first"), framed(""), framed("second"));
      for (let cut = 0; cut <= bytes.length; cut++) {
        const pieces = [frames.data(1, bytes.subarray(0, cut)), frames.data(1, bytes.subarray(cut))];
        const { call } = answered([responseHeaders(), ...pieces, trailers()]);
        assert.deepEqual(call.response.events, ["headers", "message first", "message ", "message second", "status OK"]);
      }
    });
  });

  describe("pulling", () => {
    it("gets no message that it did not ask for, and the status behind the last one", () => {
      const { call } = answered(
        [
          responseHeaders(),
          responseMessage("a"),
          responseMessage("b"),
          responseMessage("c"),
          trailers(9, "grpc-message", "over"),
        ],
        0,
      );
      const { stream, response } = call;
      assert.deepEqual(response.events, ["headers"]);
      stream.pull(1);
      assert.deepEqual(response.events, ["headers", "message a"]);
      stream.pull(1);
      assert.deepEqual(response.events, ["headers", "message a", "message b"]);
      stream.pull(1);
      assert.deepEqual(response.events, [
        "headers",
        "message a",
        "message b",
        "message c",
        "status FAILED_PRECONDITION",
      ]);
    });

    it("before the messages have come counts too", () => {
      const { fixture, call } = answered(
        [responseHeaders(), responseMessage("a"), responseMessage("b"), responseMessage("c")],
        2,
      );
      assert.deepEqual(call.response.events, ["headers", "message a", "message b"]);
      fixture.server.send(trailers());
      assert.equal(call.response.status, undefined);
      call.stream.pull(1);
      assert.deepEqual(call.response.events.slice(3), ["message c", "status OK"]);
    });

    it("from within a message goes on with the next, once", () => {
      const fixture = new ClientFixture();
      const { stream, response } = fixture.openCall();
      response.onEvent = (event) => {
        if (event.startsWith("message")) stream.pull(1);
      };
      stream.pull(1);
      fixture.server.send(
        responseHeaders(),
        responseMessage("a"),
        responseMessage("b"),
        responseMessage("c"),
        trailers(),
      );
      assert.deepEqual(response.events, ["headers", "message a", "message b", "message c", "status OK"]);
    });

    it("a status without messages needs none", () => {
      assert.deepEqual(answered([responseHeaders(), trailers()], 0).call.response.events, ["headers", "status OK"]);
    });
  });

  describe("a reset", () => {
    const codes: readonly [number, string][] = [
      [
        ErrorCode.NO_ERROR,
        "INTERNAL: peer reset the stream with NO_ERROR (0): expected a grpc-status before the end (unknown)",
      ],
      [ErrorCode.PROTOCOL_ERROR, "INTERNAL: peer reset the stream with PROTOCOL_ERROR (1) (unknown)"],
      [ErrorCode.INTERNAL_ERROR, "INTERNAL: peer reset the stream with INTERNAL_ERROR (2) (unknown)"],
      [ErrorCode.FLOW_CONTROL_ERROR, "INTERNAL: peer reset the stream with FLOW_CONTROL_ERROR (3) (unknown)"],
      [ErrorCode.STREAM_CLOSED, "INTERNAL: peer reset the stream with STREAM_CLOSED (5) (unknown)"],
      [ErrorCode.REFUSED_STREAM, "UNAVAILABLE: the peer reset the stream with REFUSED_STREAM (not-processed)"],
      [ErrorCode.CANCEL, "CANCELLED: peer reset the stream with CANCEL (8) (unknown)"],
      [
        ErrorCode.ENHANCE_YOUR_CALM,
        "RESOURCE_EXHAUSTED: peer reset the stream with ENHANCE_YOUR_CALM (11): the bandwidth that is granted has been used up (unknown)",
      ],
      [
        ErrorCode.INADEQUATE_SECURITY,
        "PERMISSION_DENIED: peer reset the stream with INADEQUATE_SECURITY (12): the connection is not secure enough for the call (unknown)",
      ],
      [0xbeef, "INTERNAL: peer reset the stream with 0xbeef (an unknown code) (unknown)"],
    ];
    for (const [code, expected] of codes) {
      it(`with code ${code} is ${expected.split(":")[0]}`, () => {
        const { fixture, call } = answered([frames.rst(1, code)]);
        assert.equal(outcome(call), expected);
        assert.deepEqual(fixture.server.sentOfCalls(), [], "a reset is not answered");
      });
    }

    it("behind headers was processed, whatever its code says", () => {
      const { call } = answered([responseHeaders(), frames.rst(1, ErrorCode.REFUSED_STREAM)]);
      assert.equal(call.response.status?.delivery, "processed");
      assert.equal(call.response.status?.code, StatusCode.UNAVAILABLE);
    });

    it("behind trailers takes nothing back", () => {
      for (const code of [ErrorCode.NO_ERROR, ErrorCode.CANCEL, ErrorCode.REFUSED_STREAM]) {
        const { call } = answered([responseHeaders(), responseMessage("a"), trailers(), frames.rst(1, code)], 0);
        call.stream.pull(2);
        assert.deepEqual(call.response.events, ["headers", "message a", "status OK"], String(code));
      }
    });

    it("is what a stream gets on which the server breaks HTTP/2, and the call says why", () => {
      const { fixture, call } = answered([frames.data(1, "early")]);
      assert.equal(
        outcome(call),
        "INTERNAL: stream was reset by this side with PROTOCOL_ERROR (1): DATA frame on stream 1 came before its headers (unknown)",
      );
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
      assert.equal(fixture.transport.streamSlots() > 0, true);
    });
  });

  describe("cancelling", () => {
    it("tells the server, ends the call, and nothing follows", () => {
      const fixture = new ClientFixture();
      const call = fixture.openCall();
      call.stream.pull(10);
      call.stream.cancel(cancelled);
      call.stream.cancel(cancelled);
      assert.equal(outcome(call), "CANCELLED: enough (unknown)");
      assert.deepEqual(fixture.server.sent(), ["RST_STREAM 1 CANCEL"]);
      fixture.server.send(responseHeaders(), responseMessage("late"), trailers());
      assert.deepEqual(call.response.events, ["status CANCELLED"]);
      assert.equal(fixture.server.take().length, 0);
      assert.ok(fixture.transport.streamSlots() > 0);
    });

    it("sends the code that fits the status", () => {
      const codes: readonly [StatusCode, string][] = [
        [StatusCode.DEADLINE_EXCEEDED, "CANCEL"],
        [StatusCode.INTERNAL, "INTERNAL_ERROR"],
        [StatusCode.RESOURCE_EXHAUSTED, "CANCEL"],
      ];
      for (const [code, name] of codes) {
        const fixture = new ClientFixture();
        fixture.openCall().stream.cancel({ code, message: "x" });
        assert.deepEqual(fixture.server.sent(), [`RST_STREAM 1 ${name}`]);
      }
    });

    it("with a deadline says that flow control, or the caller, let it run out", () => {
      const expired: Status = { code: StatusCode.DEADLINE_EXCEEDED, message: "deadline of 5 ms ran out" };
      const end = (fixture: ClientFixture, act: (call: ReturnType<ClientFixture["call"]>) => void) => {
        const call = fixture.openCall();
        act(call);
        fixture.server.take();
        call.stream.cancel(expired);
        return outcome(call);
      };
      const narrow = (settings: readonly number[]) => new ClientFixture({ settings });
      assert.equal(
        end(narrow([settingId.INITIAL_WINDOW_SIZE, 10]), ({ stream }) => stream.send(text("x".repeat(25)), true)),
        "DEADLINE_EXCEEDED: deadline of 5 ms ran out while 20 bytes of the request waited for flow control: 0 bytes of the stream's window were left, 65525 of the connection's (unknown)",
      );
      assert.equal(
        end(narrow([settingId.INITIAL_WINDOW_SIZE, 100_000]), ({ stream }) =>
          stream.send(text("x".repeat(66_000)), true),
        ),
        "DEADLINE_EXCEEDED: deadline of 5 ms ran out while 470 bytes of the request waited for flow control: 34465 bytes of the stream's window were left, 0 of the connection's (unknown)",
      );
      const unread = new ClientFixture();
      assert.equal(
        end(unread, () => unread.server.send(responseHeaders(), responseMessage("abc"))),
        "DEADLINE_EXCEEDED: deadline of 5 ms ran out while 8 bytes of the response waited to be read (processed)",
      );
      assert.equal(
        end(new ClientFixture(), ({ stream }) => stream.send(text("a"), true)),
        "DEADLINE_EXCEEDED: deadline of 5 ms ran out (unknown)",
      );
    });

    it("from within headers or a message stops there", () => {
      for (const at of ["headers", "message a"]) {
        const fixture = new ClientFixture();
        const { stream, response } = fixture.openCall();
        stream.pull(10);
        response.onEvent = (event) => {
          if (event === at) stream.cancel(cancelled);
        };
        fixture.server.send(responseHeaders(), responseMessage("a"), responseMessage("b"), trailers());
        assert.deepEqual(response.events.at(-1), "status CANCELLED");
        assert.deepEqual(response.events.at(-2), at);
      }
    });

    it("drops what is queued, and gives back the windows of what was not read", () => {
      const fixture = new ClientFixture({
        settings: [settingId.INITIAL_WINDOW_SIZE, 0],
        limits: { connectionWindowBytes: 65_535, maxUnreadBytes: 0 },
      });
      const { stream } = fixture.openCall();
      stream.send(text("x".repeat(1000)), false);
      fixture.server.send(
        responseHeaders(),
        frames.data(1, framed("y".repeat(16_000))),
        frames.data(1, Buffer.alloc(16_384)),
        frames.data(1, 10_000),
      );
      assert.deepEqual(fixture.server.windows(), {});
      stream.cancel(cancelled);
      assert.equal(fixture.server.windows()[0], 16_005 + 16_384 + 10_000);
    });
  });

  it("keeps calls on one connection apart", () => {
    const fixture = new ClientFixture();
    const first = fixture.openCall();
    const second = fixture.openCall();
    first.stream.pull(9);
    second.stream.pull(9);
    fixture.server.send(
      responseHeaders(),
      frames.headers(3).response(200, "content-type", "application/grpc"),
      responseMessage("a"),
      frames.data(3, framed("b")),
      frames.rst(1, ErrorCode.CANCEL),
      frames.headers(3).fields("grpc-status", "0").endStream(),
    );
    assert.deepEqual(first.response.events, ["headers", "message a", "status CANCELLED"]);
    assert.deepEqual(second.response.events, ["headers", "message b", "status OK"]);
  });
});
