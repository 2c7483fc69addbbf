import assert from "node:assert/strict";
import { inspect } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { noTimings } from "../../src/rpc/call-timings.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK, type Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError, statusDetail } from "../../src/rpc/status-error.js";
import { Code } from "../gen/google/rpc/code_pb.js";
import { BadRequestSchema, ErrorInfoSchema, HelpSchema } from "../gen/google/rpc/error_details_pb.js";

const peer = { address: "ipv4:127.0.0.1:50051", security: "none" } as const;

describe("rpc/status-error", () => {
  describe("made by a handler", () => {
    it("has code, message and nothing else", () => {
      const error = new StatusError(StatusCode.INVALID_ARGUMENT, "no id");
      assert.ok(error instanceof Error);
      assert.equal(error.name, "StatusError");
      assert.equal(error.code, 3);
      assert.equal(error.statusMessage, "no id");
      assert.equal(error.message, "INVALID_ARGUMENT: no id");
      assert.match(error.stack ?? "", /^StatusError: INVALID_ARGUMENT: no id|^Error: INVALID_ARGUMENT: no id/);
      for (const key of ["method", "peer", "delivery", "details", "retryAfterMs", "cause"] as const) {
        assert.equal(error[key], undefined, key);
      }
      assert.equal(error.headers.size, 0);
      assert.equal(error.trailers.size, 0);
      assert.ok(!Object.hasOwn(error, "cause"));
      assert.equal(new StatusError(StatusCode.ABORTED, "").message, "ABORTED");
    });

    it("carries trailers, pushback and cause", () => {
      const cause = new Error("disk");
      const options = { trailers: { "x-a": "1" }, retryAfterMs: 1.2, cause };
      const error = new StatusError(StatusCode.UNAVAILABLE, "later", options);
      assert.equal(error.trailers.get("x-a"), "1");
      assert.equal(error.retryAfterMs, 2);
      assert.equal(error.cause, cause);
      assert.deepEqual(error.toStatus(), {
        code: StatusCode.UNAVAILABLE,
        message: "later",
        trailers: error.trailers,
        retryPushbackMs: 2,
        cause,
      });
      const trailers = new Metadata();
      assert.equal(new StatusError(StatusCode.ABORTED, "", { trailers }).trailers, trailers);
    });

    it("refuses OK and what is no code", () => {
      for (const code of [0, 17, -1, 1.5, Number.NaN]) {
        assert.throws(() => new StatusError(code as StatusCode, ""), {
          name: "TypeError",
          message: `code of a StatusError is ${code}, expected 1 to 16`,
        });
      }
    });

    it("refuses trailers that cannot be sent", () => {
      assert.throws(() => new StatusError(StatusCode.ABORTED, "", { trailers: { "grpc-status": "0" } }), TypeError);
    });

    it("rounds retryAfterMs up and takes every negative as no retry", () => {
      const retryAfter = (retryAfterMs: number) => new StatusError(14, "", { retryAfterMs }).retryAfterMs;
      assert.equal(retryAfter(0), 0);
      assert.equal(retryAfter(0.001), 1);
      assert.equal(retryAfter(2_147_483_647), 2_147_483_647);
      for (const ms of [-0.5, -1, -1e300]) assert.equal(retryAfter(ms), -1);
      for (const ms of [2_147_483_648, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        assert.throws(() => retryAfter(ms), {
          name: "TypeError",
          message: `retryAfterMs is ${ms}, expected at most 2147483647`,
        });
      }
    });
  });

  describe("details", () => {
    const details = [
      statusDetail(ErrorInfoSchema, { reason: "A", metadata: { k: "v" } }),
      statusDetail(BadRequestSchema, { fieldViolations: [{ field: "id", description: "empty" }] }),
      statusDetail(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "B" })),
    ];

    it("are packed into a google.rpc.Status with the same code and message", () => {
      const error = new StatusError(StatusCode.INVALID_ARGUMENT, "no id", { details });
      assert.ok(error.details !== undefined);
      const status = fromBinary(StatusSchema, error.details);
      assert.equal(status.code, Code.INVALID_ARGUMENT);
      assert.equal(status.message, "no id");
      assert.deepEqual(
        status.details.map(({ typeUrl }) => typeUrl),
        ["ErrorInfo", "BadRequest", "ErrorInfo"].map((name) => `type.googleapis.com/google.rpc.${name}`),
      );
      assert.equal(error.toStatus().details, error.details);
    });

    it("are found by type, in order", () => {
      const error = new StatusError(StatusCode.INVALID_ARGUMENT, "no id", { details });
      assert.deepEqual(
        error.findDetails(ErrorInfoSchema).map(({ reason }) => reason),
        ["A", "B"],
      );
      assert.equal(error.findDetails(BadRequestSchema)[0]?.fieldViolations[0]?.field, "id");
      assert.deepEqual(error.findDetails(HelpSchema), []);
      assert.deepEqual(new StatusError(StatusCode.ABORTED, "").findDetails(HelpSchema), []);
      assert.equal(new StatusError(StatusCode.ABORTED, "", { details: [] }).details, undefined);
    });

    it("survive a lone surrogate in the message", () => {
      const error = new StatusError(StatusCode.INVALID_ARGUMENT, "bad \ud83d", { details });
      assert.ok(error.details !== undefined);
      assert.equal(fromBinary(StatusSchema, error.details).message, "bad \ufffd");
    });

    it("refuse a message of another type", () => {
      const detail = { schema: ErrorInfoSchema, value: create(HelpSchema) };
      assert.throws(() => new StatusError(StatusCode.ABORTED, "", { details: [detail] }), {
        name: "TypeError",
        message: "detail is a google.rpc.Help, expected a google.rpc.ErrorInfo",
      });
    });

    it("that are malformed are none; a malformed one does not hide the others", () => {
      const received = (bytes: Uint8Array) =>
        StatusError.fromStatus({ code: StatusCode.ABORTED, message: "", details: bytes }).findDetails(ErrorInfoSchema);
      assert.deepEqual(received(Uint8Array.of(0xff)), []);
      assert.deepEqual(received(new Uint8Array(0)), []);
      const good = anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "G" }));
      const bad = create(AnySchema, { typeUrl: good.typeUrl, value: Uint8Array.of(0x0a, 0xff) });
      const foreign = create(AnySchema, { typeUrl: "no slash", value: good.value });
      const status = create(StatusSchema, { code: 5, details: [bad, foreign, good] });
      assert.deepEqual(
        received(toBinary(StatusSchema, status)).map(({ reason }) => reason),
        ["G"],
      );
    });
  });

  describe("made of a status", () => {
    const status: Status = {
      code: StatusCode.NOT_FOUND,
      message: 'no item "x"',
      trailers: new Metadata({ t: "1" }),
      details: Uint8Array.of(8, 5),
      retryPushbackMs: -1,
      delivery: "processed",
      cause: "why",
    };

    it("R76 grpc-js 1.14.7: says everything that is known of the call", () => {
      const headers = new Metadata({ h: "1" });
      const error = StatusError.fromStatus(status, { method: "/shop.v1.Shop/Get", peer, headers });
      assert.equal(error.message, 'NOT_FOUND: no item "x" (/shop.v1.Shop/Get, ipv4:127.0.0.1:50051)');
      assert.equal(error.statusMessage, 'no item "x"');
      assert.equal(error.method, "/shop.v1.Shop/Get");
      assert.equal(error.peer, peer);
      assert.equal(error.headers, headers);
      assert.equal(error.trailers, status.trailers);
      assert.equal(error.details, status.details);
      assert.equal(error.retryAfterMs, -1);
      assert.equal(error.delivery, "processed");
      assert.equal(error.cause, "why");
      assert.deepEqual(error.toStatus(), status);
    });

    it("says where the time of the call went, which is nothing to send on", () => {
      const timings = { ...noTimings, totalMs: 5, answerMs: 5 };
      const error = StatusError.fromStatus({ ...status, timings, attempts: 1 });
      assert.equal(error.timings, timings);
      assert.equal(error.attempts, 1);
      assert.deepEqual(error.toStatus(), status);
      const own = new StatusError(StatusCode.ABORTED, "no");
      assert.deepEqual([own.timings, own.attempts], [undefined, undefined]);
    });

    it("says what kept the call from being tried again, which is nothing of the server's words and nothing to send on", () => {
      const notRetried = "the server wants no retry";
      const error = StatusError.fromStatus({ ...status, notRetried }, { method: "/a/B", peer });
      assert.equal(
        error.message,
        'NOT_FOUND: no item "x" (/a/B, ipv4:127.0.0.1:50051; not tried again: the server wants no retry)',
      );
      assert.equal(error.statusMessage, 'no item "x"');
      assert.equal(error.notRetried, notRetried);
      assert.deepEqual(error.toStatus(), status);
      const bare = StatusError.fromStatus({ ...status, notRetried });
      assert.equal(bare.message, 'NOT_FOUND: no item "x" (not tried again: the server wants no retry)');
      assert.equal(new StatusError(StatusCode.ABORTED, "no").notRetried, undefined);
    });

    it("says as much of method and peer as it is told", () => {
      const message = (context: Parameters<typeof StatusError.fromStatus>[1]) =>
        StatusError.fromStatus({ code: StatusCode.UNAVAILABLE, message: "" }, context).message;
      assert.equal(message(undefined), "UNAVAILABLE");
      assert.equal(message({}), "UNAVAILABLE");
      assert.equal(message({ method: "/a/B" }), "UNAVAILABLE (/a/B)");
      assert.equal(message({ peer }), "UNAVAILABLE (ipv4:127.0.0.1:50051)");
    });

    it("has no stack: its frames would keep the call and its connection for as long as somebody keeps the error", () => {
      const limit = Error.stackTraceLimit;
      const error = StatusError.fromStatus({ code: StatusCode.NOT_FOUND, message: "no such thing" });
      assert.match(error.stack ?? "", /^\w+: NOT_FOUND: no such thing$/);
      assert.throws(() => StatusError.fromStatus(OK), TypeError);
      assert.equal(Error.stackTraceLimit, limit);
      const own = new StatusError(StatusCode.NOT_FOUND, "no such thing");
      assert.match(own.stack ?? "", /\n +at /, "one that an application makes says where");
    });

    it("cannot be OK", () => assert.throws(() => StatusError.fromStatus(OK), TypeError));
  });

  describe("is known", () => {
    it("by statusOf, and nothing else is", () => {
      const error = new StatusError(StatusCode.ABORTED, "m");
      assert.deepEqual(StatusError.statusOf(error), error.toStatus());
      for (const other of [new Error("x"), { code: 5, message: "m" }, undefined, null, 5, "text", Symbol("s")]) {
        assert.equal(StatusError.statusOf(other), undefined);
      }
    });

    it("across copies of this package, but a subclass takes in its own only", () => {
      class Refused extends StatusError {}
      const own = new Refused(StatusCode.PERMISSION_DENIED, "");
      const brand = Symbol.for("godwit.StatusError");
      const foreign = Object.create({ [brand]: true, toStatus: () => ({ code: 5, message: "elsewhere" }) });
      assert.ok(foreign instanceof StatusError);
      assert.deepEqual(StatusError.statusOf(foreign), { code: 5, message: "elsewhere" });
      assert.ok(own instanceof Refused);
      assert.ok(own instanceof StatusError);
      assert.ok(!((new StatusError(StatusCode.ABORTED, "") as unknown) instanceof Refused));
      assert.ok(!(foreign instanceof Refused));
      assert.ok(!((Object.assign(() => 0, { [brand]: true }) as unknown) instanceof StatusError));
    });

    it("in a log by its message", () => {
      assert.match(inspect(new StatusError(StatusCode.ABORTED, "try again")), /ABORTED: try again/);
    });
  });
});
