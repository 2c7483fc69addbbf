import type { Peer } from "../../src/base/platform.js";
import { MethodCodecTable } from "../../src/codec/method-codecs.js";
import type { Invoker } from "../../src/rpc/invoker.js";
import type { MessageFormat } from "../../src/rpc/message-format.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { CallCounts } from "../../src/telemetry/call-counts.js";
import { createServerTransport } from "../../src/transport/server-transport.js";
import type { CallDispatcher, ServerTransport } from "../../src/transport/transport.js";
import { type LimitOptions, resolveLimits } from "../../src/transport/transport-limits.js";
import type { UpkeepOptions } from "../../src/transport/upkeep/server-upkeep.js";
import type { FakePlatform } from "../support/fake-platform.js";
import { FakeLink, type FakeLinkOptions } from "../support/fake-stream.js";
import { clientPreface, type FrameBuilder, frames, type Part } from "../support/frames.js";
import { type ScriptedCall, ScriptedInvoker } from "../support/scripted-invoker.js";
import { CompressingPlatform, HeldCompressor } from "./held-compressor.js";
import { framed, type TextMessage, text, textMethod } from "./text-method.js";
import { WirePeer } from "./wire-peer.js";

const serverPeer: Peer = { address: "ipv4:10.0.0.1:443", security: "none" };
export const clientPeer: Peer = { address: "ipv4:10.0.0.2:40000", security: "none" };

export interface ServerFixtureOptions extends FakeLinkOptions {
  readonly limits?: LimitOptions;
  readonly compression?: string;
  /** Default: none. */
  readonly upkeep?: UpkeepOptions;
  /** Default: all. */
  readonly messageFormats?: readonly MessageFormat[];
  /** The client's SETTINGS: identifier and value in turn. Undefined: it sends nothing by itself. */
  readonly settings?: readonly number[] | undefined;
  /** Default: a ScriptedInvoker, `handlers`. */
  readonly invoker?: Invoker;
  /** Default: one whose compressor is `compressor`. */
  readonly platform?: FakePlatform;
}

/** A server's connection, in virtual time, to a client that speaks frames by hand. */
export class ServerFixture {
  readonly compressor = new HeldCompressor();
  readonly platform: FakePlatform;
  /** What the server's calls come to. */
  readonly handlers = new ScriptedInvoker();
  readonly link: FakeLink;
  readonly transport: ServerTransport;
  readonly calls = new CallCounts();
  readonly client: WirePeer;
  readonly closed: string[] = [];
  /** What came with each of `closed`. */
  readonly faults: (Error | undefined)[] = [];
  faultsTold = 0;

  constructor(options: ServerFixtureOptions = {}) {
    const platform = options.platform ?? new CompressingPlatform(this.compressor);
    this.platform = platform;
    const { compression, limits, upkeep, messageFormats: formats, invoker = this.handlers } = options;
    this.link = new FakeLink(platform, serverPeer, clientPeer, options);
    this.client = new WirePeer(platform, this.link.client, "server");
    const dispatcher: CallDispatcher = {
      findMethod: (path) => (path === textMethod.path ? textMethod : undefined),
      unimplementedMessage: (path) => `no ${path}`,
      invoker,
      calls: this.calls,
    };
    const { transport, sink } = createServerTransport(
      this.link.server,
      { platform, limits: resolveLimits(limits), compression, upkeep, codecs: new MethodCodecTable({ formats }) },
      dispatcher,
      {
        onFault: () => {
          this.faultsTold++;
        },
        onClosed: (reason, fault) => {
          this.closed.push(reason);
          this.faults.push(fault);
        },
      },
    );
    this.transport = transport;
    this.link.server.attach(sink);
    platform.runTurns();
    if ("settings" in options && options.settings === undefined) return;
    this.client.send(clientPreface, frames.settings(...(options.settings ?? [])), frames.settingsAck());
    this.client.take();
  }
}

/** Headers of a proper request to the text method. */
export function requestTo(streamId: number, path: string = textMethod.path, ...more: string[]): FrameBuilder {
  return frames.headers(streamId).request(path, "te", "trailers", "content-type", "application/grpc", ...more);
}

export function request(streamId: number, ...more: string[]): FrameBuilder {
  return requestTo(streamId, textMethod.path, ...more);
}

/** Frames as WirePeer describes them. */
export const headersFrame = "HEADERS 1 :status: 200, content-type: application/grpc, grpc-accept-encoding: gzip";
export const trailersOnly = "HEADERS 1 END_STREAM :status: 200, content-type: application/grpc";
export const okTrailers = "HEADERS 1 END_STREAM grpc-status: 0";

/** A message on stream 1, as WirePeer describes it. */
export function data(value: string): string {
  return `DATA 1 ${value.length + 5} bytes ${JSON.stringify(framed(value).toString("latin1"))}`;
}

/** A call on stream 1, its request's headers sent with more frames behind them. */
export function open(
  options: ServerFixtureOptions = {},
  ...behind: Part[]
): { fixture: ServerFixture; call: ScriptedCall } {
  const fixture = new ServerFixture(options);
  fixture.client.send(request(1), ...behind);
  return { fixture, call: fixture.handlers.call };
}

/** A call whose request has ended. */
export function openUnary(
  options: ServerFixtureOptions = {},
  ...fields: string[]
): { fixture: ServerFixture; call: ScriptedCall } {
  const fixture = new ServerFixture(options);
  fixture.client.send(request(1, ...fields), frames.data(1, framed("q")).endStream());
  return { fixture, call: fixture.handlers.call };
}

/** Answers with headers and a message. */
export function answer(call: ScriptedCall, value: string): void {
  call.sink.onHeaders(new Metadata());
  call.sink.onMessage(text(value));
}

/** The requests that a handler got. */
export function sent(call: ScriptedCall): string[] {
  return call.sent.map((message) => (message as TextMessage).value);
}
