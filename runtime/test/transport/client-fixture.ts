import type { Peer } from "../../src/base/platform.js";
import { type CallOptions, noCallOptions } from "../../src/rpc/call-options.js";
import { noDeadline } from "../../src/rpc/deadline.js";
import type { RequestHeaders, RequestStream } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { StatusCode, statusCodeName } from "../../src/rpc/status-code.js";
import { createClientTransport } from "../../src/transport/client-transport.js";
import type { ClientTransport, ClientTransportListener } from "../../src/transport/transport.js";
import { type LimitOptions, resolveLimits } from "../../src/transport/transport-limits.js";
import { type KeepaliveOptions, resolveLiveness } from "../../src/transport/upkeep/liveness-settings.js";
import type { FakePlatform } from "../support/fake-platform.js";
import { FakeLink, type FakeLinkOptions } from "../support/fake-stream.js";
import { bytesOf, type FrameBuilder, frames, type Part } from "../support/frames.js";
import { RecordingResponse } from "../support/recording-response.js";
import { CompressingPlatform, HeldCompressor } from "./held-compressor.js";
import { framed, text, textMethod } from "./text-method.js";
import { WirePeer } from "./wire-peer.js";

export const serverPeer: Peer = { address: "ipv4:10.0.0.1:443", security: "none" };
const clientPeer: Peer = { address: "ipv4:10.0.0.2:40000", security: "none" };

export interface ClientFixtureOptions extends FakeLinkOptions {
  readonly limits?: LimitOptions;
  readonly keepalive?: KeepaliveOptions;
  /** Identifier and value in turn. Undefined: the server sends its SETTINGS when the test says so. */
  readonly settings?: readonly number[] | undefined;
  /** Default: one whose compressor is `compressor`. */
  readonly platform?: FakePlatform;
}

/** A call and what it was answered. */
export interface TestCall {
  readonly stream: RequestStream;
  readonly response: RecordingResponse;
}

/** A client's connection, in virtual time, to a server that speaks frames by hand. */
export class ClientFixture {
  readonly compressor = new HeldCompressor();
  readonly platform: FakePlatform;
  readonly link: FakeLink;
  readonly transport: ClientTransport;
  readonly server: WirePeer;
  /** What the channel hears: `ready`, `slots`, `worn`, `too many pings`, `draining <reason>`, `closed <reason>`. */
  readonly heard: string[] = [];
  onHeard: ((what: string) => void) | undefined;

  constructor(options: ClientFixtureOptions = {}) {
    const platform = options.platform ?? new CompressingPlatform(this.compressor);
    this.platform = platform;
    this.link = new FakeLink(platform, serverPeer, clientPeer, options);
    this.server = new WirePeer(platform, this.link.server, "client");
    const { transport, sink } = createClientTransport(
      this.link.client,
      {
        platform,
        authority: "shop.test",
        scheme: "http",
        userAgent: "test-agent/1",
        limits: resolveLimits(options.limits),
        liveness: resolveLiveness(options.keepalive),
      },
      this.#listener(),
    );
    this.transport = transport;
    this.link.client.attach(sink);
    platform.runTurns();
    if ("settings" in options && options.settings === undefined) return;
    this.server.send(frames.settings(...(options.settings ?? [])), frames.settingsAck());
    this.server.take();
    this.heard.length = 0;
  }

  call(headers: Partial<RequestHeaders> = {}, options: CallOptions = noCallOptions): TestCall {
    const response = new RecordingResponse();
    const all = { method: textMethod, metadata: new Metadata(), deadline: noDeadline, ...headers };
    return { stream: this.transport.invoke(all, options, response), response };
  }

  /** A call whose headers have gone, and the server has seen them. */
  openCall(headers?: Partial<RequestHeaders>, options?: CallOptions): TestCall {
    const call = this.call(headers, options);
    this.server.take();
    return call;
  }

  #listener(): ClientTransportListener {
    const hear = (what: string): void => {
      this.heard.push(what);
      this.onHeard?.(what);
    };
    return {
      onReady: () => hear("ready"),
      onSlots: () => hear("slots"),
      onWorn: () => hear("worn"),
      onTooManyPings: () => hear("too many pings"),
      onDraining: (reason) => hear(`draining ${reason}`),
      onClosed: (reason) => hear(`closed ${reason}`),
    };
  }
}

/** How a call ended: `NOT_FOUND: no such thing (processed)`. */
export function outcome({ response }: TestCall): string | undefined {
  const { status } = response;
  if (status === undefined) return undefined;
  const delivery = status.delivery === undefined ? "" : ` (${status.delivery})`;
  return `${statusCodeName(status.code)}: ${status.message}${delivery}`;
}

/** With these the connection's window is held by what is not read, as the streams' are. */
export const smallWindows = { streamWindowBytes: 65_535, connectionWindowBytes: 65_535, maxUnreadBytes: 0 };

/** A response's headers, message and trailers on stream 1. */
export function responseHeaders(...more: string[]): FrameBuilder {
  return frames.headers(1).response(200, "content-type", "application/grpc", ...more);
}

export function responseMessage(value: string, flag = 0): FrameBuilder {
  return frames.data(1, framed(value, flag));
}

export function trailers(status = 0, ...more: string[]): FrameBuilder {
  const fields = ["grpc-status", String(status), ...more];
  return frames
    .headers(1)
    .fields(...fields)
    .endStream();
}

/** A call that is answered with these frames while it pulls everything. */
export function answered(
  parts: readonly Part[],
  pulls = Number.POSITIVE_INFINITY,
): { fixture: ClientFixture; call: TestCall } {
  const fixture = new ClientFixture();
  const call = fixture.openCall();
  if (pulls > 0) call.stream.pull(pulls);
  fixture.server.send(bytesOf(...parts));
  return { fixture, call };
}

/** Everything that can be done with a call that has ended. */
export function inertActs(stream: RequestStream): (() => void)[] {
  return [
    () => stream.pull(1),
    () => stream.send(text("late"), false),
    () => stream.finish(),
    () => stream.cancel({ code: StatusCode.CANCELLED, message: "enough" }),
  ];
}
