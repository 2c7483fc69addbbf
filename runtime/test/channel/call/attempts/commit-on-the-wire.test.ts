/** The commit rules of gRFC A6 against a server that speaks frames by hand. */
import assert from "node:assert/strict";
import type { ByteStreamSink } from "../../../../src/base/platform.js";
import type { Channel } from "../../../../src/channel/channel.js";
import type { ChannelOptions } from "../../../../src/channel/channel-options.js";
import { createChannel } from "../../../../src/channel/create-channel.js";
import { insecure } from "../../../../src/credentials/channel-credentials.js";
import { ErrorCode } from "../../../../src/http2/error-code.js";
import { noCallOptions } from "../../../../src/rpc/call-options.js";
import { noDeadline } from "../../../../src/rpc/deadline.js";
import type { RequestStream } from "../../../../src/rpc/invoker.js";
import { Metadata } from "../../../../src/rpc/metadata.js";
import type { IdempotencyLevel } from "../../../../src/rpc/method-descriptor.js";
import { StatusCode, statusCodeName } from "../../../../src/rpc/status-code.js";
import { FakePlatform } from "../../../support/fake-platform.js";
import { type FrameBuilder, frames } from "../../../support/frames.js";
import { RecordingResponse } from "../../../support/recording-response.js";
import { framed, text, textMethod } from "../../../transport/text-method.js";
import { WirePeer } from "../../../transport/wire-peer.js";

const grpc = ["content-type", "application/grpc"] as const;

function trailersOnly(id: number, ...more: string[]): FrameBuilder {
  return frames
    .headers(id)
    .response(200, ...grpc, "grpc-status", "14", ...more)
    .endStream();
}

function trailers(id: number, status: number): FrameBuilder {
  return frames.headers(id).fields("grpc-status", String(status)).endStream();
}

/** One call that is retried, to a server of which each connection is a WirePeer. */
class Wire {
  readonly platform = new FakePlatform();
  readonly peers: WirePeer[] = [];
  readonly response = new RecordingResponse();
  channel!: Channel;
  stream!: RequestStream;

  static async open(level: IdempotencyLevel = "IDEMPOTENT", options: Partial<ChannelOptions> = {}): Promise<Wire> {
    const wire = new Wire();
    wire.platform.random = () => 0.5;
    const address = { transport: "tcp", host: "10.0.0.1", port: 443 } as const;
    await wire.platform.listen(
      address,
      { kind: "none" },
      {
        onAccept: (stream): ByteStreamSink => {
          const peer = new WirePeer(wire.platform, stream as never, "client");
          wire.peers.push(peer);
          peer.sendNow(frames.settings(), frames.settingsAck());
          return peer;
        },
        onError() {},
      },
    );
    const credentials = insecure();
    wire.channel = createChannel("ipv4:10.0.0.1:443", { platform: wire.platform, credentials, ...options });
    const headers = {
      method: { ...textMethod, idempotency: level },
      metadata: new Metadata(),
      deadline: noDeadline,
    };
    wire.stream = wire.channel.invoke(headers, noCallOptions, wire.response);
    wire.stream.pull(10);
    wire.stream.send(text("ask"), true);
    await wire.platform.settle();
    return wire;
  }

  get peer(): WirePeer {
    return this.peers.at(-1) ?? assert.fail("nobody connected");
  }

  /** Requests that have come since the last time: `1: ask`, `3 (attempt 1): ask`. */
  requests(): string[] {
    const found: string[] = [];
    for (const frame of this.peer.take()) {
      if (frame.type === 1) {
        const at = frame.fields.indexOf("grpc-previous-rpc-attempts");
        found.push(`${frame.streamId}${at < 0 ? "" : ` (attempt ${frame.fields[at + 1]})`}`);
      } else if (frame.type === 0 && frame.payload.length > 5) {
        found.push(`${found.pop()}: ${frame.payload.subarray(5).toString()}`);
      }
    }
    return found;
  }

  get outcome(): string {
    const { status } = this.response;
    return status === undefined ? "running" : `${statusCodeName(status.code)} (${status.delivery ?? "-"})`;
  }

  async close(): Promise<void> {
    const closed = this.channel.close();
    await this.platform.advanceAsync(2000);
    await closed;
  }
}

describe("what commits a call, on the wire (gRFC A6)", () => {
  it("Trailers-Only does not", async () => {
    const wire = await Wire.open();
    assert.deepEqual(wire.requests(), ["1: ask"]);
    wire.peer.send(trailersOnly(1));
    await wire.platform.advanceAsync(49);
    assert.deepEqual(wire.requests(), []);
    await wire.platform.advanceAsync(1);
    assert.deepEqual(wire.requests(), ["3 (attempt 1): ask"]);
    wire.peer.send(frames.headers(3).response(200, ...grpc), frames.data(3, framed("answer")), trailers(3, 0));
    assert.equal(wire.outcome, "OK (-)");
    await wire.close();
  });

  it("headers do, though trailers with UNAVAILABLE follow in the same chunk", async () => {
    const wire = await Wire.open();
    wire.requests();
    wire.peer.send(frames.headers(1).response(200, ...grpc), trailers(1, 14));
    assert.equal(wire.outcome, "UNAVAILABLE (processed)");
    await wire.platform.advanceAsync(1000);
    assert.deepEqual(wire.requests(), []);
    await wire.close();
  });

  it("a connection lost before headers does not, behind them it does", async () => {
    const wire = await Wire.open();
    wire.requests();
    wire.peer.end();
    await wire.platform.advanceAsync(3000);
    assert.equal(wire.peers.length, 2);
    assert.deepEqual(wire.requests(), ["1 (attempt 1): ask"]);
    wire.peer.send(frames.headers(1).response(200, ...grpc));
    wire.peer.end();
    await wire.platform.advanceAsync(3000);
    assert.equal(wire.outcome, "UNAVAILABLE (processed)");
    await wire.close();
  });

  it("RST_STREAM before headers does not: the status that stands for its code is looked up", async () => {
    const wire = await Wire.open();
    wire.requests();
    wire.peer.send(frames.rst(1, ErrorCode.CANCEL));
    assert.equal(wire.outcome, "CANCELLED (unknown)", "not in the list");
    await wire.close();
  });

  for (const level of ["IDEMPOTENT", "IDEMPOTENCY_UNKNOWN"] as const) {
    it(`vector 8: REFUSED once only: at once, without the attempts header (${level})`, async () => {
      const wire = await Wire.open(level);
      wire.requests();
      wire.peer.send(frames.rst(1, ErrorCode.REFUSED_STREAM));
      assert.deepEqual(wire.requests(), ["3: ask"]);
      wire.peer.send(frames.rst(3, ErrorCode.REFUSED_STREAM));
      assert.deepEqual(wire.requests(), []);
      await wire.platform.advanceAsync(50);
      if (level === "IDEMPOTENT") assert.deepEqual(wire.requests(), ["5 (attempt 1): ask"], "the policy's");
      else assert.equal(wire.outcome, "UNAVAILABLE (not-processed)");
      await wire.close();
    });

    it(`vector 9: GOAWAY id boundary: the last id that it names may have run, the next has not (${level})`, async () => {
      for (const [lastId, isSentAgain] of [
        [0, true],
        [1, false],
      ] as const) {
        const wire = await Wire.open(level, { retry: false });
        wire.requests();
        wire.peer.send(frames.goAway(lastId, ErrorCode.NO_ERROR));
        await wire.platform.advanceAsync(1000);
        assert.equal(wire.peers.length, isSentAgain ? 2 : 1);
        if (isSentAgain) assert.deepEqual(wire.requests(), ["1: ask"]);
        else assert.equal(wire.outcome, "running");
        wire.peer.end();
        await wire.close();
      }
    });
  }

  it("a request that is larger than what may be kept commits the attempt that sent it", async () => {
    const wire = await Wire.open("IDEMPOTENT", { retry: { maxCallReplayBytes: 66 } });
    wire.requests();
    wire.peer.send(trailersOnly(1));
    assert.equal(wire.outcome, "UNAVAILABLE (processed)");
    assert.match(wire.response.status?.notRetried ?? "", /^more was sent than is kept .*maxCallReplayBytes/);
    await wire.close();
  });

  it("an answer that is not gRPC does not: a proxy's 503 is UNAVAILABLE, and what is no failure to try again ends the call", async () => {
    const wire = await Wire.open();
    wire.requests();
    wire.peer.send(frames.headers(1).response(503, "content-type", "text/html"));
    await wire.platform.advanceAsync(50);
    assert.deepEqual(wire.requests(), ["3 (attempt 1): ask"]);
    wire.peer.send(frames.headers(3).response(404, "content-type", "text/html"));
    assert.equal(wire.outcome, "UNIMPLEMENTED (unknown)");
    await wire.close();
  });

  it("a message that cannot be encoded is not tried again, whatever the policy", async () => {
    const wire = await Wire.open();
    const response = new RecordingResponse();
    const headers = {
      method: { ...textMethod, idempotency: "IDEMPOTENT" } as const,
      metadata: new Metadata(),
      deadline: noDeadline,
    };
    const options = { retry: { retryableStatusCodes: [StatusCode.INTERNAL] } };
    wire.channel.invoke(headers, options, response).send(text("unencodable"), true);
    assert.equal(response.status?.code, StatusCode.INTERNAL);
    await wire.close();
  });

  it("says what the server pushed back", async () => {
    const wire = await Wire.open();
    wire.requests();
    wire.peer.send(trailersOnly(1, "grpc-retry-pushback-ms", "5"));
    await wire.platform.advanceAsync(5);
    assert.deepEqual(wire.requests(), ["3 (attempt 1): ask"]);
    wire.peer.send(trailersOnly(3, "grpc-retry-pushback-ms", "x"));
    assert.equal(wire.outcome, "UNAVAILABLE (processed)");
    await wire.close();
  });
});
