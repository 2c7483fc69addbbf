import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { StatusCode } from "godwit";
import { type UnaryRequest, UnaryRequestSchema } from "../gen/godwit/testing/v1/echo_pb.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { failureOf, openLoopback } from "./loopback.js";

/** A request whose last field is asked for while the message is being written, its first ones are written already. */
function requestThat(act: () => number): UnaryRequest {
  const message = create(UnaryRequestSchema, { id: "i".repeat(500), payload: new Uint8Array(700) });
  Object.defineProperty(message, "responseSize", { get: act, enumerable: true });
  return message;
}

describe("e2e: encoding", () => {
  checkRejections();

  it("that fails midway ends the one call and leaves no trace on the connection", async () => {
    await using loopback = await openLoopback();
    const { echo } = loopback;
    const others = [1, 2, 3].map((n) => echo.unary({ id: `before ${n}` }));
    const failed = failureOf(
      echo.unary(
        requestThat(() => {
          throw new Error("not now");
        }),
      ),
      StatusCode.INTERNAL,
    );
    const behind = [4, 5, 6].map((n) => echo.unary({ id: `behind ${n}`, payload: new Uint8Array(20_000) }));
    assert.match((await failed).statusMessage, /^request message does not encode: not now/);
    const ids = (await Promise.all([...others, ...behind])).map(({ id }) => id);
    assert.deepEqual(ids, ["before 1", "before 2", "before 3", "behind 4", "behind 5", "behind 6"]);
    const large = requestThat(() => 2.5);
    large.payload = new Uint8Array(100_000);
    const error = await failureOf(echo.unary(large), StatusCode.INTERNAL);
    assert.match(
      error.statusMessage,
      /does not encode: cannot encode field godwit.testing.v1.UnaryRequest.response_size/,
    );
    assert.equal((await echo.unary({ id: "after" })).id, "after");
  });

  it("that makes another call on the same connection does not mix the two", async () => {
    await using loopback = await openLoopback();
    const { echo } = loopback;
    await echo.unary({});
    const inner: Promise<string>[] = [];
    const message = requestThat(() => {
      inner.push(echo.unary({ id: "inner" }).then(({ id }) => id, String));
      return 0;
    });
    const outer = echo.unary(message).then(({ id }) => id, String);
    const results = [await outer, ...(await Promise.all(inner))];
    assert.deepEqual(results, ["i".repeat(500), "inner"]);
    assert.equal((await echo.unary({ id: "after" })).id, "after");
  });

  it("that aborts another call on the same connection does not mix the two", async () => {
    await using loopback = await openLoopback({
      handlers: {
        serverStream: async function* () {
          yield {};
          await new Promise(() => {});
        },
      },
    });
    const { echo } = loopback;
    const controller = new AbortController();
    const stream = echo.serverStream({}, { signal: controller.signal })[Symbol.asyncIterator]();
    await stream.next();
    const message = requestThat(() => {
      controller.abort();
      return 0;
    });
    const result = await echo.unary(message).then(({ id }) => id, String);
    assert.equal(result, "i".repeat(500));
    await failureOf(stream.next(), StatusCode.CANCELLED);
    assert.equal((await echo.unary({ id: "after" })).id, "after");
  });
});
