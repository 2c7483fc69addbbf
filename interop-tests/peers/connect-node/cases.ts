/** The official cases by connect-node's gRPC client. */
import assert from "node:assert/strict";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type Client,
  Code,
  ConnectError,
  createClient,
  decodeBinaryHeader,
  encodeBinaryHeader,
} from "@connectrpc/connect";
import { createWritableIterable } from "@connectrpc/connect/protocol";
import {
  compressionGzip,
  createGrpcTransport,
  type GrpcTransportOptions,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import type { Payload, StreamingOutputCallRequestSchema } from "../../gen/grpc/testing/messages_pb.js";
import { TestService, UnimplementedService } from "../../gen/grpc/testing/test_pb.js";
import type { ClientSettings, PeerCases } from "../program.js";

type Order = MessageInitShape<typeof StreamingOutputCallRequestSchema>;

const initial = "x-grpc-test-echo-initial";
const trailing = "x-grpc-test-echo-trailing-bin";
const zeros = (size: number) => ({ body: new Uint8Array(size) });
const large = { responseSize: 314_159, payload: zeros(271_828) };
const requestSizes = [27_182, 8, 1_828, 45_904];
const responseSizes = [31_415, 9, 2_653, 58_979];
const special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
const inTime = { timeoutMs: 30_000 };

/** A connection of its own, and how to end it. */
function open({ address, tls, serverName }: ClientSettings, options: Partial<GrpcTransportOptions> = {}) {
  const baseUrl = `${tls === undefined ? "http" : "https"}://${address}`;
  const { authority: ca, certificate: cert, key } = tls ?? {};
  // Node refuses streams with ENHANCE_YOUR_CALM above so many megabytes; its default is 10. grpc-js has no limit, either.
  const memory = { maxSessionMemory: 4096 };
  const nodeOptions = tls === undefined ? memory : { ...memory, ca, cert, key, servername: serverName };
  const sessionManager = new Http2SessionManager(baseUrl, {}, nodeOptions as object);
  const transport = createGrpcTransport({ baseUrl, sessionManager, readMaxBytes: 64 << 20, ...options });
  return { transport, service: createClient(TestService, transport), close: () => sessionManager.abort() };
}

export function cases(settings: ClientSettings): PeerCases {
  const { transport, service } = open(settings);
  return {
    ...plainCases(service),
    ...statusCases(service),
    unimplemented_service: async () => {
      await failure(createClient(UnimplementedService, transport).unimplementedCall({}, inTime), Code.Unimplemented);
    },
    client_compressed_unary: async () => {
      const request = (value: boolean) => ({ ...large, expectCompressed: { value } });
      const gzip = open(settings, { sendCompression: compressionGzip, compressMinBytes: 0 });
      await failure(service.unaryCall(request(true), inTime), Code.InvalidArgument);
      sized([await gzip.service.unaryCall(request(true), inTime)], 314_159);
      sized([await service.unaryCall(request(false), inTime)], 314_159);
      gzip.close();
    },
    rpc_soak: async () => {
      for (let i = 0; i < settings.soakIterations; i++) sized([await service.unaryCall(large, inTime)], 314_159);
    },
    channel_soak: async () => {
      for (let i = 0; i < settings.soakIterations; i++) {
        const own = open(settings);
        sized([await own.service.unaryCall(large, inTime)], 314_159);
        own.close();
      }
    },
    concurrent_large_unary: async () => {
      const call = async () => sized([await service.unaryCall(large, { timeoutMs: 120_000 })], 314_159);
      await Promise.all(Array.from({ length: 1000 }, call));
    },
    simultaneous_timeouts: async () => {
      await Promise.all(Array.from({ length: 3000 }, () => timeOut(service, 1000)));
      await service.emptyCall({}, inTime);
    },
  };
}

function plainCases(service: Client<typeof TestService>): PeerCases {
  return {
    empty_unary: async () => void (await service.emptyCall({}, inTime)),
    large_unary: async () => sized([await service.unaryCall(large, inTime)], 314_159),
    client_streaming: async () => {
      async function* requests() {
        for (const size of requestSizes) yield { payload: zeros(size) };
      }
      const { aggregatedPayloadSize } = await service.streamingInputCall(requests(), inTime);
      assert.equal(aggregatedPayloadSize, 74_922);
    },
    server_streaming: async () => {
      const responseParameters = responseSizes.map((size) => ({ size }));
      sized(await collect(service.streamingOutputCall({ responseParameters }, inTime)), ...responseSizes);
    },
    ping_pong: async () => {
      const requests = createWritableIterable<Order>();
      let turn = 0;
      const ping = (): void => {
        const [size, body] = [responseSizes[turn] ?? 0, requestSizes[turn] ?? 0];
        void requests.write({ responseParameters: [{ size }], payload: zeros(body) });
      };
      const responses = service.fullDuplexCall(requests, inTime);
      ping();
      for await (const response of responses) {
        sized([response], responseSizes[turn++] ?? -1);
        if (turn < responseSizes.length) ping();
        else requests.close();
      }
      assert.equal(turn, responseSizes.length);
    },
    empty_stream: async () => sized(await collect(service.fullDuplexCall(once(), inTime))),
    very_large_request: async () => {
      sized([await service.unaryCall({ responseSize: 10, payload: zeros(10 << 20) }, inTime)], 10);
    },
    pick_first_unary: async () => {
      const ids = new Set<string>();
      for (let i = 0; i < 100; i++) {
        const request = { responseSize: 1, payload: zeros(1), fillServerId: true };
        ids.add((await service.unaryCall(request, inTime)).serverId);
      }
      assert.ok(ids.size === 1 && !ids.has(""), `servers: ${[...ids].join(", ")}`);
    },
    large_header: async () => {
      const value = "X".repeat(63 * 1024);
      let echoed: string | null = null;
      const onHeader = (headers: Headers): void => {
        echoed = headers.get(initial);
      };
      await service.unaryCall({}, { ...inTime, headers: { [initial]: value }, onHeader });
      assert.ok(echoed === value, "the field came back otherwise");
    },
  };
}

function statusCases(service: Client<typeof TestService>): PeerCases {
  return {
    custom_metadata: async () => {
      const sent = {
        [initial]: "test_initial_metadata_value",
        [trailing]: encodeBinaryHeader(Buffer.from("ababab", "hex")),
      };
      const call = async (act: (options: object) => Promise<unknown>): Promise<void> => {
        let [header, trailer] = [new Headers(), new Headers()];
        await act({
          ...inTime,
          headers: sent,
          onHeader: (each: Headers) => {
            header = each;
          },
          onTrailer: (each: Headers) => {
            trailer = each;
          },
        });
        assert.equal(header.get(initial), sent[initial]);
        assert.equal(Buffer.from(decodeBinaryHeader(trailer.get(trailing) ?? "")).toString("hex"), "ababab");
      };
      await call(async (options) => sized([await service.unaryCall(large, options)], 314_159));
      const order = { responseParameters: [{ size: 314_159 }], payload: large.payload };
      await call(async (options) => sized(await collect(service.fullDuplexCall(once(order), options)), 314_159));
    },
    status_code_and_message: async () => {
      const responseStatus = { code: 2, message: "test status message" };
      const unary = await failure(service.unaryCall({ responseStatus }, inTime), Code.Unknown);
      assert.equal(unary.rawMessage, responseStatus.message);
      const stream = collect(service.fullDuplexCall(once({ responseStatus }), inTime));
      assert.equal((await failure(stream, Code.Unknown)).rawMessage, responseStatus.message);
    },
    special_status_message: async () => {
      const call = service.unaryCall({ responseStatus: { code: 2, message: special } }, inTime);
      assert.equal((await failure(call, Code.Unknown)).rawMessage, special);
    },
    unimplemented_method: async () => void (await failure(service.unimplementedCall({}, inTime), Code.Unimplemented)),
    cancel_after_begin: async () => {
      const controller = new AbortController();
      const requests = createWritableIterable<object>();
      const call = service.streamingInputCall(requests, { ...inTime, signal: controller.signal });
      setImmediate(() => controller.abort());
      await failure(call, Code.Canceled);
    },
    cancel_after_first_response: async () => {
      const controller = new AbortController();
      const requests = createWritableIterable<Order>();
      const responses = service.fullDuplexCall(requests, { ...inTime, signal: controller.signal });
      void requests.write({ responseParameters: [{ size: 31_415 }], payload: zeros(27_182) });
      const call = async (): Promise<void> => {
        for await (const response of responses) {
          sized([response], 31_415);
          controller.abort();
        }
      };
      await failure(call(), Code.Canceled);
    },
    timeout_on_sleeping_server: () => timeOut(service, 1),
  };
}

async function timeOut(service: Client<typeof TestService>, timeoutMs: number): Promise<void> {
  const requests = createWritableIterable<Order>();
  const call = collect(service.fullDuplexCall(requests, { timeoutMs }));
  void requests.write({ payload: zeros(8) }).catch(() => undefined);
  await failure(call, Code.DeadlineExceeded);
}

async function* once(...requests: Order[]) {
  yield* requests;
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

async function failure(call: Promise<unknown>, code: Code): Promise<ConnectError> {
  const error = await call.then(
    () => assert.fail(`the call succeeded, expected ${Code[code]}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw error;
  assert.equal(Code[error.code], Code[code], error.message);
  return error;
}

function sized(responses: readonly { readonly payload?: Payload | undefined }[], ...sizes: readonly number[]): void {
  assert.deepEqual(
    responses.map(({ payload }) => payload?.body.length),
    sizes,
  );
}
