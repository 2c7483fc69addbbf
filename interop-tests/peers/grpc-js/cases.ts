/** The official cases by grpc-js's client. */
import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { type Outcome, readAll } from "../../grpc-js/grpc-js-client.js";
import type { ClientSettings, PeerCases } from "../program.js";
import { loadCases } from "./load-cases.js";
import { TestClient } from "./test-client.js";
import { type TestResponse, UnimplementedService } from "./test-definition.js";

const large = { response_size: 314_159, payload: { body: Buffer.alloc(271_828) } };
const requestSizes = [27_182, 8, 1_828, 45_904];
const responseSizes = [31_415, 9, 2_653, 58_979];
const special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
const payload = (size: number) => ({ body: Buffer.alloc(size) });

export function cases(settings: ClientSettings): PeerCases {
  const client = new TestClient(settings);
  return {
    ...plainCases(client),
    ...statusCases(client, settings),
    ...compressionCases(settings),
    ...loadCases(client, settings),
    rpc_soak: async () => {
      for (let i = 0; i < settings.soakIterations; i++) sized(await client.unary("UnaryCall", large), 314_159);
    },
    channel_soak: async () => {
      for (let i = 0; i < settings.soakIterations; i++) {
        const own = new TestClient(settings);
        sized(await own.unary("UnaryCall", large), 314_159);
        own.close();
      }
    },
    concurrent_large_unary: async () => {
      const results = Array.from({ length: 1000 }, () =>
        client.unary("UnaryCall", large, { timeoutMs: 120_000 }).then((result) => sized(result, 314_159)),
      );
      await Promise.all(results);
    },
    simultaneous_timeouts: async () => {
      const calls = Array.from({ length: 3000 }, () => readAll(client.duplex({ timeoutMs: 1000 })));
      for (const result of await Promise.all(calls)) code(result, grpc.status.DEADLINE_EXCEEDED);
      code(await client.unary("EmptyCall", {}), grpc.status.OK);
    },
  };
}

function plainCases(client: TestClient): PeerCases {
  return {
    empty_unary: async () => code(await client.unary("EmptyCall", {}), grpc.status.OK),
    large_unary: async () => sized(await client.unary("UnaryCall", large), 314_159),
    client_streaming: async () => {
      const result = await client.clientStream(requestSizes.map((size) => [{ payload: payload(size) }, false]));
      code(result, grpc.status.OK);
      assert.equal(result.responses[0]?.aggregated_payload_size, 74_922);
    },
    server_streaming: async () => {
      const response_parameters = responseSizes.map((size) => ({ size }));
      sized(await client.serverStream({ response_parameters }), ...responseSizes);
    },
    ping_pong: async () => {
      const call = client.duplex();
      let turn = 0;
      const ping = (): void => {
        const [size, body] = [responseSizes[turn] ?? 0, requestSizes[turn] ?? 0];
        if (turn++ < responseSizes.length) call.write({ response_parameters: [{ size }], payload: payload(body) });
        else call.end();
      };
      call.on("data", ping);
      ping();
      sized(await readAll(call), ...responseSizes);
    },
    empty_stream: async () => {
      const call = client.duplex();
      call.end();
      sized(await readAll(call));
    },
    very_large_request: async () => {
      sized(await client.unary("UnaryCall", { response_size: 10, payload: payload(10 << 20) }), 10);
    },
    pick_first_unary: async () => {
      const ids = new Set<string | undefined>();
      for (let i = 0; i < 100; i++) {
        const result = await client.unary("UnaryCall", { response_size: 1, payload: payload(1), fill_server_id: true });
        ids.add(result.responses[0]?.server_id);
      }
      assert.ok(ids.size === 1 && !ids.has(""), `servers: ${[...ids].join(", ")}`);
    },
    large_header: async () => {
      const metadata = new grpc.Metadata();
      metadata.set("x-grpc-test-echo-initial", "X".repeat(63 * 1024));
      const result = await client.unary("UnaryCall", {}, { metadata });
      code(result, grpc.status.OK);
      assert.deepEqual(result.headers?.get("x-grpc-test-echo-initial"), metadata.get("x-grpc-test-echo-initial"));
    },
  };
}

function statusCases(client: TestClient, settings: ClientSettings): PeerCases {
  return {
    custom_metadata: async () => {
      const metadata = new grpc.Metadata();
      metadata.set("x-grpc-test-echo-initial", "test_initial_metadata_value");
      metadata.set("x-grpc-test-echo-trailing-bin", Buffer.from("ababab", "hex"));
      const call = client.duplex({ metadata });
      call.write({ response_parameters: [{ size: 314_159 }], payload: large.payload });
      call.end();
      for (const result of await Promise.all([readAll(call), client.unary("UnaryCall", large, { metadata })])) {
        sized(result, 314_159);
        assert.deepEqual(result.headers?.get("x-grpc-test-echo-initial"), ["test_initial_metadata_value"]);
        const [bytes] = result.status.metadata.get("x-grpc-test-echo-trailing-bin");
        assert.equal((bytes as Buffer | undefined)?.toString("hex"), "ababab");
      }
    },
    status_code_and_message: async () => {
      const response_status = { code: 2, message: "test status message" };
      const call = client.duplex();
      call.write({ response_status });
      call.end();
      for (const result of await Promise.all([readAll(call), client.unary("UnaryCall", { response_status })])) {
        code(result, grpc.status.UNKNOWN);
        assert.equal(result.status.details, response_status.message);
      }
    },
    special_status_message: async () => {
      const result = await client.unary("UnaryCall", { response_status: { code: 2, message: special } });
      code(result, grpc.status.UNKNOWN);
      assert.equal(result.status.details, special);
    },
    unimplemented_method: async () => {
      code(await client.unary("UnimplementedCall", {}), grpc.status.UNIMPLEMENTED);
    },
    unimplemented_service: async () => {
      const other = new TestClient(settings, {}, UnimplementedService);
      code(await other.unary("UnimplementedCall", {}), grpc.status.UNIMPLEMENTED);
      other.close();
    },
    cancel_after_begin: async () => {
      const call = client.stubs.StreamingInputCall(new grpc.Metadata(), {}, () => {});
      setImmediate(() => call.cancel());
      const status = await new Promise<grpc.StatusObject>((resolve) => call.on("status", resolve));
      assert.equal(status.code, grpc.status.CANCELLED, status.details);
    },
    cancel_after_first_response: async () => {
      const call = client.duplex();
      call.write({ response_parameters: [{ size: 31_415 }], payload: payload(27_182) });
      call.once("data", () => call.cancel());
      const result = await readAll(call);
      code(result, grpc.status.CANCELLED);
      assert.equal(result.responses.length, 1);
    },
    timeout_on_sleeping_server: async () => {
      const call = client.duplex({ timeoutMs: 1 });
      call.on("error", () => {});
      call.write({ payload: payload(27_182) });
      code(await readAll(call), grpc.status.DEADLINE_EXCEEDED);
    },
  };
}

function compressionCases(settings: ClientSettings): PeerCases {
  const gzip = { "grpc.default_compression_algorithm": 2 };
  const request = (value: boolean) => ({ ...large, expect_compressed: { value } });
  const part = (size: number, value: boolean) => ({ payload: payload(size), expect_compressed: { value } });
  return {
    client_compressed_unary: async () => {
      const client = new TestClient(settings, gzip);
      code(await client.flaggedUnary(request(true), true), grpc.status.INVALID_ARGUMENT);
      sized(await client.flaggedUnary(request(true), false), 314_159);
      sized(await client.flaggedUnary(request(false), true), 314_159);
      client.close();
    },
    client_compressed_streaming: async () => {
      const client = new TestClient(settings, gzip);
      code(await client.clientStream([[part(27_182, true), true]]), grpc.status.INVALID_ARGUMENT);
      const result = await client.clientStream([
        [part(27_182, true), false],
        [part(45_904, false), true],
      ]);
      code(result, grpc.status.OK);
      assert.equal(result.responses[0]?.aggregated_payload_size, 73_086);
      client.close();
    },
  };
}

function code(result: Outcome<unknown>, expected: grpc.status): void {
  assert.equal(grpc.status[result.status.code], grpc.status[expected], result.status.details);
}

/** An OK, and payloads of these sizes. */
function sized(result: Outcome<TestResponse>, ...sizes: readonly number[]): void {
  code(result, grpc.status.OK);
  assert.deepEqual(
    result.responses.map((response) => response.payload?.body.length),
    sizes,
  );
}
