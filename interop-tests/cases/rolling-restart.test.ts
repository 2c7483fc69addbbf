import assert from "node:assert/strict";
import { createChannel, createClient, insecure, type ServiceConfigInit, StatusCode } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { CallerLoad, Fleet, failuresOfRestart } from "../support/fleet.js";

const callers = 20;

describe("a rolling restart of three servers", () => {
  const configs: readonly [string, ServiceConfigInit][] = [
    ["pick_first", {}],
    ["round_robin", { loadBalancingConfig: [{ round_robin: {} }] }],
  ];

  for (const [policy, serviceConfig] of configs) {
    const usesAll = policy !== "pick_first";

    it(`fails no call of our client with ${policy}`, async () => {
      await using fleet = new Fleet();
      await fleet.start();
      await using channel = createChannel(`ipv4:${fleet.addresses}`, {
        credentials: insecure(),
        serviceConfig,
        connect: { initialBackoffMs: 100 },
      });
      const echo = createClient(EchoService, channel);
      const load = new CallerLoad(callers, (id) =>
        echo.unary({ id }, { timeoutMs: 10_000 }).then(
          () => undefined,
          (error: Error) => error.message,
        ),
      );
      assert.deepEqual(await failuresOfRestart(fleet, load, usesAll), []);
    });

    it(`fails no call of grpc-js's client with ${policy}`, async () => {
      await using fleet = new Fleet();
      await fleet.start();
      using client = new GrpcJsClient(`ipv4:${fleet.addresses}`, {
        "grpc.service_config": JSON.stringify(serviceConfig),
        "grpc.initial_reconnect_backoff_ms": 100,
      });
      const load = new CallerLoad(callers, async (id) => {
        const { status } = await client.unary({ id }, { deadline: Date.now() + 10_000 });
        return status.code === StatusCode.OK ? undefined : `${status.code} ${status.details}`;
      });
      assert.deepEqual(await failuresOfRestart(fleet, load, usesAll), []);
    });
  }
});
