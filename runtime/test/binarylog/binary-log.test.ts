import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { type BinaryLogOptions, binaryLog } from "../../src/binarylog/binary-log.js";
import { readBinaryLog } from "../../src/binarylog/read-binary-log.js";
import {
  Address_Type,
  type GrpcLogEntry,
  GrpcLogEntry_EventType,
  GrpcLogEntry_Logger,
} from "../../src/gen/grpc/binlog/v1/binarylog_pb.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { VirtualPair } from "../channel/virtual-pair.js";
import { collect } from "../e2e/loopback.js";
import type { EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import { UnaryRequestSchema } from "../gen/godwit/testing/v1/echo_pb.js";

class Log {
  readonly chunks: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.chunks.push(bytes);
  }

  get entries(): GrpcLogEntry[] {
    return [...readBinaryLog(Buffer.concat(this.chunks))];
  }

  get events(): string[] {
    return this.entries.map(({ type }) => GrpcLogEntry_EventType[type] as string);
  }
}

async function open(
  handlers: Partial<EchoServiceHandlers>,
  options: Partial<BinaryLogOptions> = {},
): Promise<{ pair: VirtualPair; client: Log; server: Log }> {
  const [client, server] = [new Log(), new Log()];
  const raw = (side: "client" | "server", sink: Log) => ({
    interceptors: [{ raw: binaryLog({ side, sink, filter: "*", ...options }) }],
  });
  const pair = await VirtualPair.open(handlers, { channel: raw("client", client), server: raw("server", server) });
  return { pair, client, server };
}

const unary = [
  "CLIENT_HEADER",
  "CLIENT_MESSAGE",
  "CLIENT_HALF_CLOSE",
  "SERVER_HEADER",
  "SERVER_MESSAGE",
  "SERVER_TRAILER",
];

describe("a binary log (gRFC A16)", () => {
  it("has every event of a unary call on both sides, numbered", async () => {
    const { pair, client, server } = await open({ unary: ({ payload }) => ({ payload }) });
    const payload = Uint8Array.of(1, 2, 3);
    const call = pair.echo.unary({ payload }, { metadata: { "x-a": "1" }, timeoutMs: 5000 });
    await pair.platform.advanceAsync(10);
    await call;
    assert.deepEqual(client.events, unary);
    assert.deepEqual(server.events, unary);
    const [header, message, , answer] = client.entries;
    assert.deepEqual(
      client.entries.map(({ sequenceIdWithinCall }) => sequenceIdWithinCall),
      [1n, 2n, 3n, 4n, 5n, 6n],
    );
    assert.equal(new Set(client.entries.map(({ callId }) => callId)).size, 1);
    assert.equal(header?.logger, GrpcLogEntry_Logger.CLIENT);
    assert.ok(header?.payload.case === "clientHeader");
    assert.equal(header.payload.value.methodName, "/godwit.testing.v1.EchoService/Unary");
    assert.deepEqual(
      header.payload.value.metadata?.entry.map(({ key, value }) => [key, Buffer.from(value).toString()]),
      [["x-a", "1"]],
    );
    assert.ok(message?.payload.case === "message");
    const expected = toBinary(UnaryRequestSchema, create(UnaryRequestSchema, { payload }));
    assert.deepEqual([...message.payload.value.data], [...expected]);
    assert.deepEqual(
      [answer?.peer?.type, answer?.peer?.address, answer?.peer?.ipPort],
      [Address_Type.IPV4, "10.0.0.1", 443],
    );
    assert.equal(server.entries[0]?.peer?.address, "10.0.0.1");
    await pair.close();
  });

  it("has each message of a stream, and the trailers of a call that failed", async () => {
    const { pair, client } = await open({
      async *serverStream() {
        yield {};
        yield { index: 1 };
        throw new StatusError(StatusCode.DATA_LOSS, "gone", { trailers: { "x-t": "2" } });
      },
    });
    const call = collect(pair.echo.serverStream({})).catch((error: StatusError) => error.code);
    await pair.platform.advanceAsync(10);
    assert.equal(await call, StatusCode.DATA_LOSS);
    assert.deepEqual(client.events.slice(3), ["SERVER_HEADER", "SERVER_MESSAGE", "SERVER_MESSAGE", "SERVER_TRAILER"]);
    const last = client.entries.at(-1);
    assert.ok(last?.payload.case === "trailer");
    const { statusCode, statusMessage, metadata } = last.payload.value;
    assert.deepEqual([statusCode, statusMessage, metadata?.entry[0]?.key], [15, "gone", "x-t"]);
    await pair.close();
  });

  it("has a cancellation", async () => {
    const { pair, client, server } = await open({ unary: () => new Promise(() => undefined) });
    const aborter = new AbortController();
    const call = pair.echo.unary({}, { signal: aborter.signal }).catch((error: StatusError) => error.code);
    await pair.platform.advanceAsync(10);
    aborter.abort();
    await pair.platform.advanceAsync(10);
    assert.equal(await call, StatusCode.CANCELLED);
    assert.ok(client.events.includes("CANCEL"), client.events.join());
    assert.ok(server.events.includes("CANCEL"), server.events.join());
    await pair.close();
  });

  it("keeps to its extent, and says what is not whole", async () => {
    const { pair, client } = await open({ unary: () => ({}) }, { filter: "*{h:5;m:4}" });
    const metadata = { "x-a": "12", "x-b": "3" };
    const call = pair.echo.unary({ payload: new Uint8Array(100) }, { metadata });
    await pair.platform.advanceAsync(10);
    await call;
    const [header, message] = client.entries;
    assert.ok(header?.payload.case === "clientHeader" && message?.payload.case === "message");
    assert.deepEqual(
      header.payload.value.metadata?.entry.map(({ key }) => key),
      ["x-a"],
    );
    assert.deepEqual([header.payloadTruncated, message.payloadTruncated], [true, true]);
    assert.deepEqual([message.payload.value.length, message.payload.value.data.length], [102, 4]);
    await pair.close();
  });

  it("shows no secrets unless it is to", async () => {
    for (const showsSecrets of [false, true]) {
      const { pair, client, server } = await open({ unary: () => ({}) }, { showsSecrets });
      const call = pair.echo.unary({}, { metadata: { authorization: "Bearer s3cret" } });
      await pair.platform.advanceAsync(10);
      await call;
      const written = Buffer.concat([...client.chunks, ...server.chunks]).toString("latin1");
      assert.equal(written.includes("s3cret"), showsSecrets);
      assert.equal(written.includes("[redacted]"), !showsSecrets);
      await pair.close();
    }
  });

  it("writes nothing of methods that are left out", async () => {
    const { pair, client } = await open({ unary: () => ({}) }, { filter: "*,-godwit.testing.v1.EchoService/Unary" });
    const call = pair.echo.unary({});
    await pair.platform.advanceAsync(10);
    await call;
    assert.deepEqual(client.events, []);
    await pair.close();
  });

  it("that cannot be written costs no call", async () => {
    const sink = {
      write: () => {
        throw new Error("disk full");
      },
    };
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): number => warnings.push(message);
    process.on("warning", onWarning);
    const { pair } = await open({ unary: () => ({}) }, { sink });
    const call = pair.echo.unary({});
    await pair.platform.advanceAsync(10);
    await call;
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    assert.match(
      warnings[0] ?? "",
      /^the binary log cannot be written, and calls are missing in it: Error: disk full$/,
    );
    await pair.close();
  });

  it("wants a side and a sink", () => {
    const wrong = (options: object) => () => binaryLog({ side: "client", sink: new Log(), ...options });
    assert.throws(wrong({ side: "both" }), /^TypeError: side of a binary log is both: expected client or server$/);
    assert.throws(wrong({ sink: undefined }), /^TypeError: sink of a binary log has no function write$/);
  });

  it("that is cut off or is none is refused by its reader with a sentence", () => {
    assert.throws(() => [...readBinaryLog(Uint8Array.of(0, 0))], /ends at byte 2, amid a length/);
    assert.throws(
      () => [...readBinaryLog(Uint8Array.of(0, 0, 0, 9, 1))],
      /at byte 0 of the binary log is 9 bytes, of which 1/,
    );
    assert.throws(
      () => [...readBinaryLog(Uint8Array.of(0, 0, 0, 1, 0xff))],
      /the entry at byte 0 of the binary log is no Grpc/,
    );
  });
});
