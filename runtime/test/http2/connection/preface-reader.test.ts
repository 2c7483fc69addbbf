import assert from "node:assert/strict";
import { PrefaceReader } from "../../../src/http2/connection/preface-reader.js";
import { bytesOf, clientPreface, frames } from "../../support/frames.js";

/** Feeds `bytes` in pieces until there is an answer. */
function feed(role: "client" | "server", bytes: Uint8Array, piece: number) {
  const reader = new PrefaceReader(role);
  for (let at = 0; at < bytes.length; at += piece) {
    const result = reader.receive(bytes.subarray(at, at + piece));
    if (result === undefined) continue;
    assert.equal(reader.done, "rest" in result);
    return "rest" in result
      ? { rest: Buffer.concat([result.rest, bytes.subarray(at + piece)]).toString("hex") }
      : result;
  }
  assert.ok(!reader.done);
  return undefined;
}

/** The answer, which must be the same wherever the bytes are cut. */
function feedAllWays(role: "client" | "server", bytes: Uint8Array) {
  const whole = feed(role, bytes, bytes.length);
  for (const piece of [1, 2, 3, 7, 23]) assert.deepEqual(feed(role, bytes, piece), whole, `pieces of ${piece}`);
  return whole;
}

function violation(message: string) {
  return { scope: "connection", code: 1, message };
}

describe("PrefaceReader of a server", () => {
  it("finds the preface and hands on what follows", () => {
    assert.deepEqual(feedAllWays("server", clientPreface), { rest: "" });
    const more = bytesOf(clientPreface, frames.settings());
    assert.deepEqual(feedAllWays("server", more), { rest: "000000040000000000" });
  });

  it("takes chunks that are no Buffer, at an offset of their memory", () => {
    const memory = new Uint8Array(40);
    memory.set(clientPreface, 5);
    assert.deepEqual(feed("server", memory.subarray(5, 32), 27), { rest: "000000" });
  });

  it("waits for the rest of it", () => {
    for (let size = 0; size < clientPreface.length; size++) {
      assert.equal(feedAllWays("server", clientPreface.subarray(0, size)), undefined);
    }
  });

  it("refuses at the first wrong byte (http2_interop TestShortPreface)", () => {
    for (let size = 0; size < clientPreface.length; size++) {
      const bytes = Buffer.concat([clientPreface.subarray(0, size), Buffer.from("!")]);
      assert.deepEqual(
        feedAllWays("server", bytes),
        violation("the client's first bytes are not the HTTP/2 preface"),
        `after ${size} bytes`,
      );
    }
  });

  for (const line of [
    "GET / HTTP/1.1",
    "POST /s/m HTTP/1.1",
    "PUT / HTTP/1.0",
    "PATCH / HTTP/1.1",
    "PRINT / HTTP/1.1",
  ]) {
    it(`recognises HTTP/1.1: ${line}`, () => {
      assert.deepEqual(
        feedAllWays("server", Buffer.from(`${line}\r\nhost: x\r\n\r\n`)),
        violation("the client speaks HTTP/1.1, this port speaks HTTP/2 (gRPC) only"),
      );
    });
  }

  it("recognises TLS", () => {
    for (const type of [0x14, 0x15, 0x16, 0x17]) {
      const hello = Buffer.concat([Buffer.of(type, 3, 1, 2, 0, 1, 0, 1), Buffer.alloc(40)]);
      assert.deepEqual(
        feedAllWays("server", hello),
        violation("the client speaks TLS, this port speaks plaintext HTTP/2"),
      );
    }
  });

  it("does not take anything else for either", () => {
    for (const bytes of [Buffer.of(0x13, 3, 1), Buffer.of(0, 0, 0), Buffer.from("get / http"), Buffer.from([0xff])]) {
      assert.deepEqual(feedAllWays("server", bytes), violation("the client's first bytes are not the HTTP/2 preface"));
    }
  });
});

describe("PrefaceReader of a client", () => {
  it("hands everything on as soon as it is no other protocol", () => {
    const bytes = bytesOf(frames.settings(3, 1));
    assert.deepEqual(feedAllWays("client", bytes), { rest: bytes.toString("hex") });
    assert.deepEqual(feedAllWays("client", Buffer.from("HTTPX")), { rest: Buffer.from("HTTPX").toString("hex") });
  });

  it("recognises HTTP/1.1 and TLS", () => {
    assert.deepEqual(
      feedAllWays("client", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")),
      violation("the server speaks HTTP/1.1, HTTP/2 was expected"),
    );
    assert.deepEqual(
      feedAllWays("client", Buffer.of(0x15, 3, 3, 0, 2, 2, 70)),
      violation("the server speaks TLS on this port, plaintext HTTP/2 was expected"),
    );
  });

  it("waits for five bytes", () => {
    for (let size = 0; size < 5; size++)
      assert.equal(feedAllWays("client", Buffer.from("HTTP/").subarray(0, size)), undefined);
  });
});
