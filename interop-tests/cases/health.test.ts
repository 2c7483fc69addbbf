import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { createChannel, createClient, createServer, insecure, StatusCode } from "godwit";
import { createHealthService, Health, ServingStatus } from "godwit/health";
import { HealthImplementation, service } from "grpc-health-check";
import { expectStatusError } from "../support/expect-status-error.js";

const shop = "shop.v1.Shop";

interface Answer {
  readonly status: string;
}

describe("health: grpc-js client, our server", () => {
  it("Check, List and Watch", async () => {
    const health = createHealthService();
    health.setNotServing(shop);
    await using server = createServer().add(Health, health);
    const { address } = await server.listen("127.0.0.1:0");
    const Client = grpc.makeGenericClientConstructor(service as unknown as grpc.ServiceDefinition, "Health");
    const client = new Client(address, grpc.credentials.createInsecure());
    const call = (name: string, request: object) =>
      new Promise<unknown>((resolve, reject) => {
        const unary = client[name] as (...args: unknown[]) => void;
        unary.call(client, request, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer)));
      });
    assert.equal(((await call("Check", {})) as Answer).status, "SERVING");
    assert.equal(((await call("Check", { service: shop })) as Answer).status, "NOT_SERVING");
    await assert.rejects(call("Check", { service: "nope" }), { code: grpc.status.NOT_FOUND });
    const { statuses } = (await call("List", {})) as { statuses: Record<string, Answer> };
    assert.deepEqual(Object.keys(statuses).sort(), ["", shop]);

    const watch = client["Watch"] as (request: object) => grpc.ClientReadableStream<Answer>;
    const stream = watch.call(client, { service: shop });
    const seen: string[] = [];
    stream.on("data", ({ status }: Answer) => {
      seen.push(status);
      if (status === "NOT_SERVING") health.setServing(shop);
      else if (status === "SERVING") health.remove(shop);
      else stream.cancel();
    });
    await new Promise((resolve) => stream.on("error", resolve));
    assert.deepEqual(seen, ["NOT_SERVING", "SERVING", "SERVICE_UNKNOWN"]);
    client.close();
  });
});

describe("health: our client, grpc-js server", () => {
  it("Check, List and Watch", async () => {
    const health = new HealthImplementation({ "": "SERVING" });
    const server = new grpc.Server();
    health.addToServer(server as unknown as Parameters<typeof health.addToServer>[0]);
    const port = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, bound: number) => (error === null ? resolve(bound) : reject(error));
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), done);
    });
    await using channel = createChannel(`127.0.0.1:${port}`, { credentials: insecure() });
    const client = createClient(Health, channel);
    assert.equal((await client.check({})).status, ServingStatus.SERVING);
    await expectStatusError(client.check({ service: shop }), StatusCode.NOT_FOUND);
    assert.deepEqual(Object.keys((await client.list({})).statuses), [""]);
    const seen: ServingStatus[] = [];
    for await (const { status } of client.watch({ service: shop })) {
      seen.push(status);
      if (status === ServingStatus.SERVICE_UNKNOWN) health.setStatus(shop, "SERVING");
      else if (status === ServingStatus.SERVING) health.setStatus(shop, "NOT_SERVING");
      else break;
    }
    assert.deepEqual(seen, [ServingStatus.SERVICE_UNKNOWN, ServingStatus.SERVING, ServingStatus.NOT_SERVING]);
    server.forceShutdown();
  });
});
