import assert from "node:assert/strict";
import { createServer, type Server } from "../../src/server/server.js";
import type { ServerOptions } from "../../src/server/server-options.js";
import { Echo, type EchoHandlers } from "../support/echo-service.js";
import { FakePlatform } from "../support/fake-platform.js";
import type { FakeStream } from "../support/fake-stream.js";
import { clientPreface, frames } from "../support/frames.js";
import { WirePeer } from "../transport/wire-peer.js";

const address = { transport: "tcp", host: "127.0.0.1", port: 5000 } as const;

/** A client that speaks frames by hand, to a server with the Echo service, in virtual time. */
export interface ServedClient {
  readonly platform: FakePlatform;
  readonly server: Server;
  readonly client: WirePeer;
  /** What onError and onConnectionError of the server heard. */
  readonly errors: unknown[];
  /** Closes the server and checks that nothing is left. */
  end(): Promise<void>;
}

export async function serveEcho(handlers: Partial<EchoHandlers>, options: ServerOptions = {}): Promise<ServedClient> {
  const platform = new FakePlatform();
  const errors: unknown[] = [];
  const hear = (error: unknown) => errors.push(error);
  const server = createServer({ platform, onError: hear, onConnectionError: hear, ...options });
  server.addPartial(Echo, handlers);
  await server.listen(`${address.host}:${address.port}`);
  const client = connect(platform);
  const end = async (): Promise<void> => {
    await Promise.all([server.close({ graceMs: 0 }), platform.advanceAsync(1000)]);
    for (const link of platform.openLinks) link.client.end();
    platform.runTurns();
    platform.assertQuiet();
  };
  return { platform, server, client, errors, end };
}

/** Another connection to the same server. */
export function connect(platform: FakePlatform): WirePeer {
  let client: WirePeer | undefined;
  platform.connect(
    address,
    { kind: "none" },
    {
      onConnect: (stream) => {
        client = new WirePeer(platform, stream as FakeStream, "server");
        return client;
      },
      onError: (error) => assert.fail(error),
    },
  );
  platform.runTurns();
  assert.ok(client);
  client.send(clientPreface, frames.settings(), frames.settingsAck());
  client.take();
  return client;
}

/** Headers of a proper request. */
export function echoRequest(id: number, method: string, ...more: string[]) {
  const fields = ["te", "trailers", "content-type", "application/grpc", ...more];
  return frames.headers(id).request(method.startsWith("/") ? method : `/test.v1.Echo/${method}`, ...fields);
}
