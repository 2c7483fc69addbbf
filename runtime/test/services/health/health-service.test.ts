import assert from "node:assert/strict";
import { createClient, createServer, type Server, type ServerStream, StatusCode } from "godwit";
import { createHealthService, Health, type HealthClient, type HealthService, ServingStatus } from "godwit/health";
import { failureOf } from "../../e2e/loopback.js";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;
const shop = "shop.v1.Shop";

describe("the health service", () => {
  let health: HealthService;
  let server: Server;
  let client: HealthClient;

  beforeEach(() => {
    health = createHealthService();
    server = createServer().add(Health, health);
    client = createClient(Health, server.inProcess());
  });

  afterEach(() => server.close({ graceMs: 0 }));

  const statusOf = async (service = ""): Promise<ServingStatus> => (await client.check({ service })).status;

  /** A Watch whose next status can be awaited. */
  function watch(service = "") {
    const stream: ServerStream<{ status: ServingStatus }> = client.watch({ service });
    const iterator = stream[Symbol.asyncIterator]();
    return {
      next: async (): Promise<ServingStatus | undefined> => (await iterator.next()).value?.status,
      leave: async (): Promise<void> => void (await iterator.return?.()),
    };
  }

  describe("Check", () => {
    it("knows the server as a whole from the beginning, and it is SERVING", async () => {
      assert.equal(await statusOf(), SERVING);
    });

    it("answers as was set, service by service", async () => {
      health.setServing(shop);
      health.setNotServing();
      assert.deepEqual([await statusOf(), await statusOf(shop)], [NOT_SERVING, SERVING]);
    });

    it("ends with NOT_FOUND for a service that nothing is known of, or no more", async () => {
      const error = await failureOf(client.check({ service: shop }), StatusCode.NOT_FOUND);
      assert.equal(error.statusMessage, 'no health status of service "shop.v1.Shop"');
      health.setServing(shop);
      health.remove(shop);
      await failureOf(client.check({ service: shop }), StatusCode.NOT_FOUND);
    });
  });

  it("holds no name that is longer than names are, unless it was set", async () => {
    const long = "x".repeat(1025);
    for (const call of [client.check({ service: long }), watch(long).next()]) {
      const error = await failureOf(call, StatusCode.INVALID_ARGUMENT);
      assert.equal(error.statusMessage, "service is 1025 characters long, limit 1024");
    }
    health.setServing(long);
    assert.equal(await statusOf(long), SERVING);
  });

  describe("List", () => {
    it("gives every service and the server as a whole", async () => {
      health.setNotServing(shop);
      const { statuses } = await client.list({});
      const plain = Object.entries(statuses).map(([service, { status }]) => [service, status]);
      assert.deepEqual(Object.fromEntries(plain), { "": SERVING, [shop]: NOT_SERVING });
    });

    it("ends with RESOURCE_EXHAUSTED for more than a hundred", async () => {
      for (let i = 1; i < 100; i++) health.setServing(`shop.v1.Shop${i}`);
      assert.equal(Object.keys((await client.list({})).statuses).length, 100);
      health.setServing(shop);
      const error = await failureOf(client.list({}), StatusCode.RESOURCE_EXHAUSTED);
      assert.equal(error.statusMessage, "101 services have a health status, limit of a list 100");
    });
  });

  describe("Watch", () => {
    it("tells the status at once, and whenever it changes", async () => {
      const watching = watch();
      assert.equal(await watching.next(), SERVING);
      const next = watching.next();
      health.setServing();
      health.setNotServing();
      assert.equal(await next, NOT_SERVING);
      await watching.leave();
    });

    it("says SERVICE_UNKNOWN of an unknown service, goes on, and tells when it comes to be known", async () => {
      const watching = watch(shop);
      assert.equal(await watching.next(), SERVICE_UNKNOWN);
      const known = watching.next();
      health.setServing(shop);
      assert.equal(await known, SERVING);
      const removed = watching.next();
      health.remove(shop);
      assert.equal(await removed, SERVICE_UNKNOWN);
      await watching.leave();
    });

    it("hears nothing of other services", async () => {
      const watching = watch(shop);
      await watching.next();
      const next = watching.next();
      health.setNotServing();
      health.setServing(shop);
      assert.equal(await next, SERVING);
      await watching.leave();
    });
  });

  describe("shutdown", () => {
    it("makes everything NOT_SERVING, tells who watches, and holds whatever is set meanwhile", async () => {
      health.setServing(shop);
      const watching = watch(shop);
      await watching.next();
      const next = watching.next();
      health.shutdown();
      health.setServing(shop);
      health.setServing("shop.v1.Other");
      assert.equal(await next, NOT_SERVING);
      assert.deepEqual([await statusOf(), await statusOf(shop), await statusOf("shop.v1.Other")], [2, 2, 2]);
      await failureOf(client.check({ service: "shop.v1.None" }), StatusCode.NOT_FOUND);
      await watching.leave();
    });

    it("is taken back by resume: everything is as it was set", async () => {
      health.setServing(shop);
      health.shutdown();
      health.setNotServing();
      const watching = watch(shop);
      assert.equal(await watching.next(), NOT_SERVING);
      const next = watching.next();
      health.resume();
      assert.equal(await next, SERVING);
      assert.equal(await statusOf(), NOT_SERVING);
      await watching.leave();
    });
  });
});
