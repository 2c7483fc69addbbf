import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LoadRecorder } from "godwit";
import { createHealthService, Health } from "godwit/health";
import { createLoadReports, OpenRca } from "godwit/orca";
import { runChild } from "../support/child-process.js";
import { bytesOf, frames } from "../support/frames.js";
import { openLoopback } from "./loopback.js";

const godwit = JSON.stringify(import.meta.resolve("godwit"));
const stubs = JSON.stringify(new URL("../gen/godwit/testing/v1/echo_godwit.js", import.meta.url).href);
const imports = `
  import { createChannel, createClient, createServer, insecure } from ${godwit};
  import { EchoService } from ${stubs};`;

/** A program with a client of a server elsewhere. */
function program(target: string, body: string): string {
  return `${imports}
    const channel = createChannel(${JSON.stringify(target)}, { credentials: insecure() });
    const echo = createClient(EchoService, channel);
    ${body}`;
}

describe("e2e: the end of a process", function () {
  this.timeout(20_000);

  it("does not wait for a channel that is idle and was not closed", async () => {
    await using loopback = await openLoopback();
    const { exitCode, output, errors } = await runChild(
      program(loopback.address, `console.log((await echo.unary({ id: "a" })).id);`),
    );
    assert.deepEqual({ exitCode, output, errors }, { exitCode: 0, output: "a\n", errors: "" });
  });

  it("does not wait for a channel that watches the health of its server", async () => {
    await using loopback = await openLoopback();
    loopback.server.add(Health, createHealthService());
    const serviceConfig = { loadBalancingConfig: [{ round_robin: {} }], healthCheckConfig: {} };
    const { exitCode, output, errors } = await runChild(
      `${imports}
       const serviceConfig = ${JSON.stringify(serviceConfig)};
       const channel = createChannel(${JSON.stringify(loopback.address)}, { credentials: insecure(), serviceConfig });
       console.log((await createClient(EchoService, channel).unary({ id: "a" })).id);`,
    );
    assert.deepEqual({ exitCode, output, errors }, { exitCode: 0, output: "a\n", errors: "" });
  });

  it("does not wait for a channel that its servers report their load to", async () => {
    await using loopback = await openLoopback();
    loopback.server.add(OpenRca, createLoadReports(new LoadRecorder()));
    const loadBalancing = { weighted_round_robin: { enableOobLoadReport: true } };
    const { exitCode, output, errors } = await runChild(
      `${imports}
       const loadBalancing = ${JSON.stringify(loadBalancing)};
       const channel = createChannel(${JSON.stringify(loopback.address)}, { credentials: insecure(), loadBalancing });
       console.log((await createClient(EchoService, channel).unary({ id: "a" })).id);`,
    );
    assert.deepEqual({ exitCode, output, errors }, { exitCode: 0, output: "a\n", errors: "" });
  });

  it("does not wait for a resolver that watches, or for a registration that is renewed", async () => {
    await using loopback = await openLoopback();
    const folder = mkdtempSync(join(tmpdir(), "godwit-exit-"));
    const { exitCode, output, errors } = await runChild(
      `import { createChannel, createClient, fileRegistrar, insecure } from ${godwit};
       import { EchoService } from ${stubs};
       const registrar = fileRegistrar({ folder: ${JSON.stringify(folder)} });
       const addresses = [{ transport: "tcp", host: "127.0.0.1", port: ${loopback.port} }];
       await registrar.register({ name: "echo", endpoint: { addresses } });
       const targets = ["file://${folder}/echo/", "dns:///localhost:${loopback.port}"];
       for (const target of targets) {
         const channel = createChannel(target, { credentials: insecure() });
         console.log((await createClient(EchoService, channel).unary({ id: "a" })).id);
       }`,
    );
    rmSync(folder, { recursive: true });
    assert.deepEqual({ exitCode, output, errors }, { exitCode: 0, output: "a\na\n", errors: "" });
  });

  it("waits for a call that runs", async () => {
    await using loopback = await openLoopback({
      handlers: { unary: ({ id }) => new Promise((resolve) => setTimeout(() => resolve({ id }), 100)) },
    });
    const { exitCode, output, errors } = await runChild(
      program(loopback.address, `echo.unary({ id: "a" }).then(({ id }) => console.log(id));`),
    );
    assert.deepEqual({ exitCode, output, errors }, { exitCode: 0, output: "a\n", errors: "" });
  });

  it("comes behind the close that a program awaits, though the server does not close its end", async () => {
    // Greets, and then only listens.
    const sockets: Socket[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined).resume();
      socket.write(bytesOf(frames.settings(), frames.settingsAck()));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { exitCode, output, errors } = await runChild(
      program(
        `127.0.0.1:${port}`,
        `channel.connect();
         while (channel.state() !== "READY") await new Promise((resolve) => setImmediate(resolve));
         await channel.close();
         console.log("closed");`,
      ),
    );
    assert.deepEqual({ exitCode, output, errors }, { exitCode: 0, output: "closed\n", errors: "" });
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });

  it("comes when a server is closed, its client's channel left open", async () => {
    const { exitCode, output, errors } = await runChild(`${imports}
      const server = createServer();
      server.addPartial(EchoService, { unary: ({ id }) => ({ id }) });
      const { address } = await server.listen("127.0.0.1:0");
      const echo = createClient(EchoService, createChannel(address, { credentials: insecure() }));
      console.log((await echo.unary({ id: "a" })).id);
      await server.close();
      console.log("closed");`);
    assert.deepEqual({ exitCode, output, errors }, { exitCode: 0, output: "a\nclosed\n", errors: "" });
  });

  it("R70 grpc-js 1.14.7: is not brought about by handlers that fail in every way", async () => {
    const { exitCode, output } = await runChild(`${imports}
      const server = createServer();
      const failing = () => { throw new Error("no"); };
      server.add(EchoService, {
        unary: async () => failing(),
        async *serverStream() { yield {}; failing(); },
        async clientStream() { await null; throw undefined; },
        bidi: async () => failing(),
      });
      const { address } = await server.listen("127.0.0.1:0");
      const channel = createChannel(address, { credentials: insecure() });
      const echo = createClient(EchoService, channel);
      const drain = async (stream) => { for await (const _ of stream); };
      const results = await Promise.allSettled([
        echo.unary({}), drain(echo.serverStream({})), echo.clientStream([{}]), drain(echo.bidi([{}])),
      ]);
      console.log(results.map(({ reason }) => reason.code).join());
      await channel.close();
      await server.close();`);
    assert.deepEqual({ exitCode, output }, { exitCode: 0, output: "2,2,2,13\n" });
  });
});
