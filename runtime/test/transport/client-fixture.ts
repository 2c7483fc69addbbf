import type { Peer } from "../../src/base/platform.js";
import { type CallOptions, noCallOptions } from "../../src/rpc/call-options.js";
import { noDeadline } from "../../src/rpc/deadline.js";
import type { RequestHeaders, RequestStream } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { statusCodeName } from "../../src/rpc/status-code.js";
import { createClientTransport } from "../../src/transport/client-transport.js";
import type { ClientTransport, ClientTransportListener } from "../../src/transport/transport.js";
import { type LimitOptions, resolveLimits } from "../../src/transport/transport-limits.js";
import { FakePlatform } from "../support/fake-platform.js";
import { FakeLink, type FakeLinkOptions } from "../support/fake-stream.js";
import { frames } from "../support/frames.js";
import { RecordingResponse } from "../support/recording-response.js";
import { HeldCompressor, CompressingPlatform } from "./held-compressor.js";
import { textMethod } from "./text-method.js";
import { WirePeer } from "./wire-peer.js";

export const serverPeer: Peer = { address: "ipv4:10.0.0.1:443", security: "none" };
const clientPeer: Peer = { address: "ipv4:10.0.0.2:40000", security: "none" };

export interface ClientFixtureOptions extends FakeLinkOptions {
  readonly limits?: LimitOptions;
  /** Identifier and value in turn. Undefined: the server sends its SETTINGS when the test says so. */
  readonly settings?: readonly number[] | undefined;
}

/** A call and what it was answered. */
export interface TestCall {
  readonly stream: RequestStream;
  readonly response: RecordingResponse;
}

/** A client's connection, in virtual time, to a server that speaks frames by hand. */
export class ClientFixture {
  readonly compressor = new HeldCompressor();
  readonly platform: FakePlatform = new CompressingPlatform(this.compressor);
  readonly link: FakeLink;
  readonly transport: ClientTransport;
  readonly server: WirePeer;
  /** What the channel hears: `ready`, `slots`, `draining <reason>`, `closed <reason>`. */
  readonly heard: string[] = [];
  onHeard: ((what: string) => void) | undefined;

  constructor(options: ClientFixtureOptions = {}) {
    const { platform } = this;
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
