import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { ServerCompatResponseSchema } from "../gen/connectrpc/conformance/v1/server_compat_pb.js";
import { encodeDelimited, readDelimited } from "./delimited.js";

describe("messages of connectconformance on standard input and output", () => {
  const messages = [
    create(ServerCompatResponseSchema, { host: "127.0.0.1", port: 1 }),
    create(ServerCompatResponseSchema),
    create(ServerCompatResponseSchema, { pemCert: new Uint8Array(300) }),
  ].map((message) => Buffer.from(encodeDelimited(ServerCompatResponseSchema, message)));
  const bytes = Buffer.concat(messages);

  /** What was read, written again. */
  async function read(...chunks: Buffer[]): Promise<Buffer[]> {
    async function* source() {
      yield* chunks;
    }
    const all: Buffer[] = [];
    for await (const message of readDelimited(source(), ServerCompatResponseSchema)) {
      all.push(Buffer.from(encodeDelimited(ServerCompatResponseSchema, message)));
    }
    return all;
  }

  it("are whole wherever they are cut", async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(await read(bytes.subarray(0, cut), bytes.subarray(cut)), messages);
    }
    assert.deepEqual(await read(...Array.from(bytes, (byte) => Buffer.of(byte))), messages);
  });

  it("are an error when the last is cut off", async () => {
    await assert.rejects(
      read(bytes.subarray(0, -1)),
      /^Error: the input ends with 306 bytes of an incomplete message$/,
    );
  });
});
