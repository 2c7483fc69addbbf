import assert from "node:assert/strict";
import { create, isMessage } from "@bufbuild/protobuf";
import { toMessage } from "../../src/codec/message-init.js";
import { ErrorInfoSchema, HelpSchema } from "../gen/google/rpc/error_details_pb.js";

describe("codec/message-init", () => {
  it("gives a message of the type back as it is", () => {
    const message = create(ErrorInfoSchema, { reason: "R" });
    assert.equal(toMessage(ErrorInfoSchema, message), message);
  });

  it("makes a message of fields", () => {
    const message = toMessage(HelpSchema, { links: [{ url: "u" }] });
    assert.ok(isMessage(message, HelpSchema));
    assert.equal(message.links[0]?.url, "u");
    assert.deepEqual(toMessage(ErrorInfoSchema, {}), create(ErrorInfoSchema));
  });

  it("refuses a message of another type", () => {
    assert.throws(() => toMessage(ErrorInfoSchema, create(HelpSchema) as never), {
      name: "TypeError",
      message: "message is a google.rpc.Help, expected a google.rpc.ErrorInfo",
    });
  });

  it("refuses what is no object", () => {
    const wrong: [value: unknown, observed: string][] = [
      [undefined, "undefined"],
      [null, "null"],
      ["x", "a string"],
      [1, "a number"],
    ];
    for (const [value, observed] of wrong) {
      assert.throws(() => toMessage(ErrorInfoSchema, value as never), {
        name: "TypeError",
        message: `message is ${observed}, expected a google.rpc.ErrorInfo or its fields`,
      });
    }
  });
});
