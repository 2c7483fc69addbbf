/** Our client with our server; `npm run interop` has both with those of other languages. */
import { insecure, insecureServer } from "godwit";
import { caseNames } from "./all-cases.js";
import { runCase } from "./run-case.js";
import { startTestServer, type TestServer } from "./test-server.js";

const scaling = "max_concurrent_streams_connection_scaling";

describe("official cases: our client, our server", function () {
  this.timeout(60_000);
  let server: TestServer;
  let limited: TestServer;

  before(async () => {
    const common = { host: "127.0.0.1", port: 0, credentials: insecureServer() };
    server = await startTestServer(common);
    limited = await startTestServer({ ...common, maxConcurrentStreams: 3 });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await limited[Symbol.asyncDispose]();
  });

  // 600 MB through one process: that is for the matrix.
  for (const name of caseNames.filter((each) => each !== "concurrent_large_unary")) {
    it(name, () => {
      const { port } = name === scaling ? limited : server;
      return runCase(name, { target: `127.0.0.1:${port}`, credentials: insecure() });
    });
  }
});
