import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CallInfo,
  type Channel,
  createChannel,
  createClient,
  dnsResolver,
  fileRegistrar,
  insecure,
  type ResolverFactory,
  registerResolver,
  StatusCode,
} from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { runChild } from "../support/child-process.js";
import { TestDnsServer } from "../support/dns-server.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { failureOf, openLoopback } from "./loopback.js";

/** Which server answers now. */
async function peerOf(channel: Channel): Promise<string | undefined> {
  const info = new CallInfo();
  await createClient(EchoService, channel).unary({}, { info, waitForReady: true, timeoutMs: 5000 });
  return info.peer?.address;
}

describe("e2e: name resolution", () => {
  checkRejections();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-names-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("a DNS server in the target is asked, SRV records say the port, a TXT record brings the service config", async () => {
    await using loopback = await openLoopback();
    await using dns = await TestDnsServer.open();
    dns.zone.set("_grpc._tcp.shop.test", [
      { type: "SRV", host: "a.shop.test", port: loopback.port, priority: 0, weight: 1 },
    ]);
    dns.zone.set("a.shop.test", [{ type: "A", address: "127.0.0.1", ttl: 5 }]);
    const config = '[{"serviceConfig":{"methodConfig":[{"name":[{}],"maxRequestMessageBytes":3}]}}]';
    dns.zone.set("_grpc_config.shop.test", [{ type: "TXT", strings: ["grpc_config=", config] }]);
    const channel = createChannel(`dns://${dns.address}/shop.test?srv=true`, {
      credentials: insecure(),
      resolvers: [dnsResolver({ serviceConfig: true })],
    });
    assert.equal(await peerOf(channel), `ipv4:127.0.0.1:${loopback.port}`);
    const error = await failureOf(
      createClient(EchoService, channel).unary({ payload: new Uint8Array(10) }),
      StatusCode.RESOURCE_EXHAUSTED,
    );
    assert.match(error.message, /limit 3/);
    await channel.close();
    assert.deepEqual(dns.questions.toSorted(), [
      "A a.shop.test",
      "AAAA a.shop.test",
      "SRV _grpc._tcp.shop.test",
      "TXT _grpc_config.shop.test",
    ]);
  });

  it("servers that register in a folder are found, and calls move from one that drains", async () => {
    await using one = await openLoopback();
    await using two = await openLoopback();
    const registrar = fileRegistrar({ folder });
    const register = ({ port }: { port: number }) =>
      registrar.register({
        name: "shop",
        endpoint: { addresses: [{ transport: "tcp", host: "127.0.0.1", port }], attributes: { id: `at-${port}` } },
      });
    const channel = createChannel(`file://${folder}/shop/`, { credentials: insecure() });
    const first = peerOf(channel);
    const registration = await register(one);
    assert.equal(await first, `ipv4:127.0.0.1:${one.port}`);
    await register(two);
    await registration.drain();
    while ((await peerOf(channel)) !== `ipv4:127.0.0.1:${two.port}`);
    await registrar.close();
    await channel.close();
  });

  it("servers that are killed while they register leave whole files behind, of their own", async () => {
    const source = (id: string, updates: number): string => `
      import { fileRegistrar } from ${JSON.stringify(import.meta.resolve("godwit"))};
      const registrar = fileRegistrar({ folder: ${JSON.stringify(folder)} });
      const endpoint = (port) => ({
        addresses: [{ transport: "tcp", host: "10.0.0.1", port }],
        attributes: { id: "${id}", metadata: { padding: "x".repeat(port * 100) } },
      });
      const registration = await registrar.register({ name: "shop", endpoint: endpoint(1) });
      for (let port = 2; port < ${updates}; port++) await registration.update(endpoint(port));
      registration.update(endpoint(${updates}));
      setImmediate(() => process.kill(process.pid, "SIGKILL"));`;
    const ids = ["one", "two", "three"];
    await Promise.all(ids.map((id, i) => runChild(source(id, 20 + 7 * i))));
    const files = readdirSync(join(folder, "shop")).filter((name) => !name.startsWith("."));
    assert.deepEqual(files.sort(), ids.map((id) => `${id}.json`).sort());
    for (const id of ids) {
      const { endpoints } = JSON.parse(readFileSync(join(folder, "shop", `${id}.json`), "utf8"));
      assert.equal(endpoints[0].attributes.id, id);
    }
  });

  it("a file that is replaced moves the calls, one that breaks does not", async () => {
    await using one = await openLoopback();
    await using two = await openLoopback();
    const path = join(folder, "shop.json");
    writeFileSync(path, JSON.stringify({ endpoints: [`127.0.0.1:${one.port}`] }));
    const channel = createChannel(`file://${path}`, { credentials: insecure() });
    assert.equal(await peerOf(channel), `ipv4:127.0.0.1:${one.port}`);
    writeFileSync(path, "{");
    assert.equal(await peerOf(channel), `ipv4:127.0.0.1:${one.port}`);
    writeFileSync(path, JSON.stringify({ endpoints: [`127.0.0.1:${two.port}`] }));
    while ((await peerOf(channel)) !== `ipv4:127.0.0.1:${two.port}`);
    await channel.close();
  });

  it("an abstract unix socket carries calls (Linux has them alone)", async function () {
    if (process.platform !== "linux") this.skip();
    const address = `unix-abstract:godwit-test-${process.pid}`;
    await using loopback = await openLoopback({ address });
    const channel = createChannel(address, { credentials: insecure() });
    assert.equal(await peerOf(channel), address);
    await assert.rejects(loopback.server.listen(address), /EADDRINUSE/);
    await channel.close();
  });

  it("the resolver of examples/ finds servers by an HTTP registry, and says when that does not answer", async () => {
    await using loopback = await openLoopback();
    const example = new URL("../../../../examples/build/http-resolver.js", import.meta.url);
    const { httpResolver } = (await import(example.href)) as { httpResolver: ResolverFactory };
    const registry = createHttpServer((request, response) => {
      const servers = request.url === "/shop" ? [{ host: "127.0.0.1", port: loopback.port }] : "no list";
      response.setHeader("connection", "close").end(JSON.stringify(servers));
    });
    await once(registry.listen(0, "127.0.0.1"), "listening");
    const { port } = registry.address() as AddressInfo;
    const takeBack = registerResolver(httpResolver);
    const channel = createChannel(`registry://127.0.0.1:${port}/shop`, { credentials: insecure() });
    const lost = createChannel(`registry://127.0.0.1:${port}/none`, { credentials: insecure() });
    takeBack();
    assert.equal(await peerOf(channel), `ipv4:127.0.0.1:${loopback.port}`);
    const error = await failureOf(createClient(EchoService, lost).unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, new RegExp(`the registry at http://127.0.0.1:${port}/none does not answer`));
    assert.throws(() => createChannel("registry:/shop", { resolvers: [httpResolver], credentials: insecure() }), {
      name: "TypeError",
      message: 'target "registry:/shop" is not valid: it names no registry: expected "registry://host:port/service"',
    });
    await channel.close();
    await lost.close();
    registry.close();
    await once(registry, "close");
  });
});
