import { createServer, LoadRecorder, type Server, type ServerCredentials } from "godwit";
import { createLoadReports, OpenRca } from "godwit/orca";
import { TestService } from "../gen/grpc/testing/test_godwit.js";
import { CompressionWatch } from "./compression-watch.js";
import { createTestService } from "./test-service.js";

export interface TestServerOptions {
  /** Default: all interfaces, as the servers of other languages. */
  readonly host?: string;
  /** 0: a free one. */
  readonly port: number;
  readonly credentials: ServerCredentials;
  /** Streams that a connection may have open. Default: the library's. */
  readonly maxConcurrentStreams?: number | undefined;
}

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
}

/** Limits for the largest of the cases: 10 MiB in a message, 63 KiB in a header field. */
export const testLimits = { maxReceiveMessageBytes: 64 << 20, maxHeaderListBytes: 128 << 10 };

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const { host = "0.0.0.0", port, credentials, maxConcurrentStreams } = options;
  const watch = new CompressionWatch();
  const load = new LoadRecorder();
  const server = createServer({
    platform: watch.platform,
    compression: "gzip",
    onConnectionError: (error) => process.stderr.write(`server: ${error.message}\n`),
    limits: maxConcurrentStreams === undefined ? testLimits : { ...testLimits, maxConcurrentStreams },
  });
  const serverId = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  server.addPartial(TestService, createTestService({ serverId, load, wasCompressed: watch.wasCompressed }));
  server.add(OpenRca, createLoadReports(load, { minIntervalMs: 1 }));
  const address = await server.listen(`${host}:${port}`, { credentials });
  return { port: address.port, server, [Symbol.asyncDispose]: () => server.close({ graceMs: 0 }) };
}
