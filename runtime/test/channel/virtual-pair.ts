import assert from "node:assert/strict";
import type { Channel } from "../../src/channel/channel.js";
import type { ChannelOptions } from "../../src/channel/channel-options.js";
import { createChannel } from "../../src/channel/create-channel.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import { insecureServer } from "../../src/credentials/server-credentials.js";
import { createServer, type Server } from "../../src/server/server.js";
import type { ServerOptions } from "../../src/server/server-options.js";
import { createClient } from "../../src/stub/client.js";
import { EchoService, type EchoServiceClient, type EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import { FakePlatform, type FakePlatformOptions } from "../support/fake-platform.js";
import type { FakeLink } from "../support/fake-stream.js";
import { describeFrame, frameType, parseFrames } from "../support/frames.js";

export interface PairOptions {
  readonly channel?: ChannelOptions;
  readonly server?: ServerOptions;
  readonly world?: FakePlatformOptions;
}

/** The product's own client and server with one connection between them, in virtual time. */
export class VirtualPair {
  readonly platform: FakePlatform;
  readonly server: Server;
  readonly channel: Channel;
  readonly echo: EchoServiceClient;
  /** RST_STREAM and GOAWAY that the client has written, each in a few words, since `open`. */
  readonly endings: string[] = [];
  /** HEADERS that the client has written since then. */
  headers = 0;

  private constructor(handlers: Partial<EchoServiceHandlers>, options: PairOptions) {
    this.platform = new FakePlatform(options.world);
    this.server = createServer({ platform: this.platform, ...options.server }).addPartial(EchoService, handlers);
    const channel = { platform: this.platform, credentials: insecure(), ...options.channel };
    this.channel = createChannel("ipv4:10.0.0.1:443", channel);
    this.echo = createClient(EchoService, this.channel);
  }

  /** Connected and at rest. */
  static async open(handlers: Partial<EchoServiceHandlers>, options: PairOptions = {}): Promise<VirtualPair> {
    const pair = new VirtualPair(handlers, options);
    await pair.server.listen("10.0.0.1:443", { credentials: insecureServer() });
    pair.channel.connect();
    await pair.platform.advanceAsync(4 * (options.world?.latencyMs ?? 0));
    pair.#listen(pair.link);
    return pair;
  }

  get link(): FakeLink {
    return this.platform.links[0] ?? assert.fail("there is no connection");
  }

  /** Nothing of a call is left on either side. */
  assertIdle(): void {
    assert.equal(this.channel.describe().runningCalls, 0, "calls of the channel");
    for (const connection of this.server.connections()) assert.equal(connection.activeCalls, 0, "calls of the server");
  }

  async close(): Promise<void> {
    const closed = Promise.all([this.channel.close(), this.server.close({ graceMs: 0 })]);
    await this.platform.advanceAsync(2000);
    await closed;
    this.platform.assertQuiet();
  }

  #listen({ client }: FakeLink): void {
    const write = client.write.bind(client);
    client.write = (chunks) => {
      for (const frame of parseFrames(Buffer.concat(chunks))) {
        if (frame.type === frameType.HEADERS) this.headers++;
        if (frame.type === frameType.RST_STREAM || frame.type === frameType.GOAWAY) {
          this.endings.push(describeFrame(frame));
        }
      }
      return write(chunks);
    };
  }
}
