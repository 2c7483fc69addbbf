/**
 * The server of gRPC's negative HTTP/2 tests (grpc/grpc doc/negative-http2-interop-test-descriptions.md, and two cases about
 * padding that http2_test has besides): it serves TestService.UnaryCall and goes wrong in one way.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Misbehaviour, NegativeConnection, type NegativeStream } from "./negative-connection.js";
import { setting } from "./raw-frames.js";

const noError = 0;

/** Padding that outweighs the message by far: windows run out by what no message counts. */
const mostPadding = 255;
const fewBytes = 5;

const pings = (): Misbehaviour => {
  let waiting: NegativeStream | undefined;
  const send = (connection: NegativeConnection): void => connection.ping();
  return {
    beforeHeaders: send,
    afterHeaders: send,
    beforeData: send,
    // The call ends when the last of them is answered, or never.
    afterData(connection, stream) {
      waiting = stream;
      connection.ping();
    },
    onPingsAnswered(connection) {
      if (waiting !== undefined) connection.sendTrailers(waiting);
      waiting = undefined;
    },
  };
};

const cases = {
  goaway: () => ({
    afterData(connection, stream) {
      connection.sendTrailers(stream);
      connection.goAway(stream);
    },
  }),
  rst_after_header: () => ({ afterHeaders: (connection, stream) => connection.resetStream(stream, noError) }),
  rst_during_data: () => ({
    body: (whole) => whole.subarray(0, whole.length / 2),
    afterData: (connection, stream) => connection.resetStream(stream, noError),
  }),
  rst_after_data: () => ({ afterData: (connection, stream) => connection.resetStream(stream, noError) }),
  ping: pings,
  max_streams: () => ({
    onConnection(connection) {
      connection.maxStreams = 1;
      connection.sendSettings({ [setting.MAX_CONCURRENT_STREAMS]: 1 });
    },
  }),
  data_frame_padding: () => ({ padding: mostPadding, chunkBytes: fewBytes }),
  no_df_padding_sanity_test: () => ({ chunkBytes: fewBytes }),
} satisfies Record<string, () => Misbehaviour>;

export type NegativeCase = keyof typeof cases;
export const negativeCases = Object.keys(cases) as NegativeCase[];

export interface NegativeServer extends AsyncDisposable {
  readonly port: number;
  /** In the order in which they came. */
  readonly connections: readonly NegativeConnection[];
}

/** Port 0: a free one. */
export async function startNegativeServer(name: NegativeCase, port = 0): Promise<NegativeServer> {
  const connections: NegativeConnection[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    connections.push(new NegativeConnection(socket, cases[name]()));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
