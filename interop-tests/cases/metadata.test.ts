import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { CallInfo, Metadata, StatusCode } from "godwit";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { collect, expectStatusError } from "../support/expect-status-error.js";

/** Lengths that need none, two and one characters of padding in base64, and every octet. */
const binaries = [0, 1, 2, 3, 256].map((length) => Uint8Array.from({ length }, (_, i) => 255 - (i % 256)));
/** Within the limits of both, and longer than what one frame of headers holds at HPACK's best. */
const longValue = "0123456789abcdef".repeat(256);

function ourMetadata(): Metadata {
  const metadata = new Metadata({ "x-one": "1", "x-many": ["a", "b", "a"], "x-empty": "", "x-long": longValue });
  metadata.set("x-odd", `~!@#$%^&*()_+=[]{}|;:'",.<>/? inner  spaces`);
  for (const value of binaries) metadata.append("x-octets-bin", value);
  return metadata;
}

function theirMetadata(): grpc.Metadata {
  const metadata = new grpc.Metadata();
  metadata.set("x-one", "1");
  for (const value of ["a", "b", "a"]) metadata.add("x-many", value);
  metadata.set("x-empty", "");
  metadata.set("x-long", longValue);
  metadata.set("x-odd", `~!@#$%^&*()_+=[]{}|;:'",.<>/? inner  spaces`);
  for (const value of binaries) metadata.add("x-octets-bin", Buffer.from(value));
  return metadata;
}

function assertOurs(metadata: Metadata): void {
  assert.deepEqual(metadata.getAll("x-one"), ["1"]);
  assert.deepEqual(metadata.getAll("X-Many"), ["a", "b", "a"]);
  assert.deepEqual(metadata.getAll("x-empty"), [""]);
  assert.deepEqual(metadata.getAll("x-long"), [longValue]);
  assert.deepEqual(metadata.getAll("x-odd"), [`~!@#$%^&*()_+=[]{}|;:'",.<>/? inner  spaces`]);
  assert.deepEqual(metadata.getAll("x-octets-bin"), binaries);
}

/** Node joins several values of a header with ", " before grpc-js sees them, and base64 lists come apart again. */
function assertTheirs(metadata: grpc.Metadata): void {
  assert.deepEqual(metadata.get("x-one"), ["1"]);
  assert.deepEqual(metadata.get("x-many"), ["a, b, a"]);
  assert.deepEqual(metadata.get("x-empty"), [""]);
  assert.deepEqual(metadata.get("x-long"), [longValue]);
  assert.deepEqual(metadata.get("x-odd"), [`~!@#$%^&*()_+=[]{}|;:'",.<>/? inner  spaces`]);
  assert.deepEqual(
    metadata.get("x-octets-bin").map((value) => Uint8Array.from(value as Buffer)),
    binaries,
  );
}

describe("metadata: our client, grpc-js server", () => {
  it("goes up with the request, comes down as headers and trailers", async () => {
    let received: grpc.Metadata | undefined;
    await using server = await startGrpcJsServer({
      unary(call, callback) {
        received = call.metadata;
        call.sendMetadata(theirMetadata());
        callback(null, { id: call.request.id, payload: Buffer.alloc(0) }, theirMetadata());
      },
    });
    await using client = openOurClient(server.port);
    const info = new CallInfo();
    await client.echo.unary({ id: "m" }, { metadata: ourMetadata(), info });
    assert.ok(received !== undefined);
    assertTheirs(received);
    assertOurs(info.headers);
    assertOurs(info.trailers);
    assert.equal(info.status?.code, StatusCode.OK);
    assert.equal(info.peer?.address, `ipv4:127.0.0.1:${server.port}`);
  });

  it("headers are there before the first message of a stream", async () => {
    await using server = await startGrpcJsServer({
      bidi(call) {
        call.sendMetadata(theirMetadata());
        call.on("data", (message) => call.write(message));
        call.on("end", () => call.end());
      },
    });
    await using client = openOurClient(server.port);
    const info = new CallInfo();
    for await (const _ of client.echo.bidi([{ index: 1 }], { info })) assertOurs(info.headers);
    assert.equal(info.headers.size > 0, true);
    assert.equal(info.trailers.size, 0);
  });

  it("trailers come with a failure, headers too", async () => {
    await using server = await startGrpcJsServer({
      unary(call, callback) {
        call.sendMetadata(theirMetadata());
        callback({ code: StatusCode.NOT_FOUND, details: "no such thing", metadata: theirMetadata() });
      },
    });
    await using client = openOurClient(server.port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.NOT_FOUND);
    assertOurs(error.headers);
    assertOurs(error.trailers);
  });

  it("nothing that belongs to the protocol is shown", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const info = new CallInfo();
    await collect(client.echo.serverStream({ count: 2 }, { info }));
    const keys = [...info.headers, ...info.trailers].map(([key]) => key);
    // `date` is what node:http2 adds to every response.
    assert.deepEqual(keys, ["date"]);
  });
});

describe("metadata: grpc-js client, our server", () => {
  it("goes up with the request, comes down as headers and trailers", async () => {
    let received: Metadata | undefined;
    await using server = await startOurServer({
      unary(request, context) {
        received = context.metadata;
        context.setHeaders(ourMetadata());
        context.trailers.merge(ourMetadata());
        return { id: request.id };
      },
    });
    using client = new GrpcJsClient(server.port);
    const { headers, status } = await client.unary({ id: "m" }, { metadata: theirMetadata() });
    assert.equal(status.code, StatusCode.OK);
    assert.ok(received !== undefined && headers !== undefined);
    assertOurs(received);
    assertTheirs(headers);
    assertTheirs(status.metadata);
  });

  it("headers go out before the first message when the handler says so", async () => {
    await using server = await startOurServer({
      async *bidi(requests, context) {
        context.setHeaders({ "x-early": "yes" });
        for await (const { index } of requests) yield { index };
        context.trailers.set("x-late", "yes");
      },
    });
    using client = new GrpcJsClient(server.port);
    const call = client.bidi();
    const outcome = readAll(call);
    // The one message is sent only when the headers are there.
    call.once("metadata", (headers: grpc.Metadata) => {
      assert.deepEqual(headers.get("x-early"), ["yes"]);
      call.end({ index: 3 });
    });
    const { status, responses } = await outcome;
    assert.deepEqual(
      responses.map(({ index }) => index),
      [3],
    );
    assert.deepEqual(status.metadata.get("x-late"), ["yes"]);
  });

  it("user-agent and gRPC's own fields are not shown to handlers", async () => {
    let keys: string[] = [];
    await using server = await startOurServer({
      unary(_request, { metadata }) {
        keys = [...metadata].map(([key]) => key);
        return {};
      },
    });
    using client = new GrpcJsClient(server.port);
    const metadata = new grpc.Metadata();
    metadata.set("x-mine", "1");
    await client.unary({}, { metadata, deadline: Date.now() + 10_000 });
    // HTTP's own accept-encoding, which grpc-js always sends, is no field of gRPC's.
    assert.deepEqual(keys, ["x-mine", "accept-encoding"]);
  });
});
