import assert from "node:assert/strict";
import type { Address } from "../../src/base/platform.js";
import { addressProblem } from "../../src/net/address-check.js";
import {
  acceptError,
  addressLabel,
  connectError,
  errorCode,
  listenError,
  lookupError,
  streamError,
} from "../../src/net/system-error.js";

const tcp: Address = { transport: "tcp", host: "10.0.0.1", port: 50051 };
const unix: Address = { transport: "unix", path: "/run/x.sock" };

function coded(code: string): Error {
  return Object.assign(new Error(`syscall ${code}`), { code });
}

describe("addressLabel", () => {
  const cases: readonly [Address, string][] = [
    [tcp, "10.0.0.1:50051"],
    [{ transport: "tcp", host: "::1", port: 1 }, "[::1]:1"],
    [{ transport: "tcp", host: "shop.internal", port: 443 }, "shop.internal:443"],
    [unix, "unix:/run/x.sock"],
    [{ transport: "unix", path: "\0name" }, "unix-abstract:name"],
    [{ transport: "inproc", name: "shop" }, "inproc:shop"],
  ];
  for (const [address, label] of cases) it(label, () => assert.equal(addressLabel(address), label));
});

describe("system errors in one sentence", () => {
  const cases: readonly [Error, string][] = [
    [connectError(tcp, coded("ECONNREFUSED")), "connect to 10.0.0.1:50051 was refused (ECONNREFUSED)"],
    [connectError(tcp, coded("ETIMEDOUT")), "connect to 10.0.0.1:50051 timed out (ETIMEDOUT)"],
    [connectError(tcp, coded("ENOTFOUND")), "connect to 10.0.0.1:50051: no such host (ENOTFOUND)"],
    [connectError(tcp, coded("EHOSTUNREACH")), "connect to 10.0.0.1:50051: no route to the host (EHOSTUNREACH)"],
    [connectError(tcp, coded("EWHATEVER")), "connect to 10.0.0.1:50051: syscall EWHATEVER"],
    [
      connectError(tcp, new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")])),
      "connect to 10.0.0.1:50051: the network cannot be reached (ENETUNREACH)",
    ],
    [connectError(tcp, "thrown text"), "connect to 10.0.0.1:50051: thrown text"],
    [connectError(unix, coded("ENOENT")), "unix:/run/x.sock does not exist (ENOENT)"],
    [connectError(unix, coded("EACCES")), "connect to unix:/run/x.sock: not permitted (EACCES)"],
    [listenError(tcp, coded("EADDRINUSE")), "cannot listen on 10.0.0.1:50051: the port is in use (EADDRINUSE)"],
    [
      listenError(tcp, coded("EADDRNOTAVAIL")),
      "cannot listen on 10.0.0.1:50051: the address does not belong to this host (EADDRNOTAVAIL)",
    ],
    [listenError(tcp, coded("EACCES")), "cannot listen on 10.0.0.1:50051: not permitted (EACCES)"],
    [
      listenError(unix, coded("EACCES")),
      "cannot listen on unix:/run/x.sock: its folder does not exist or may not be written (EACCES)",
    ],
    [
      acceptError(tcp, coded("EMFILE")),
      "cannot accept on 10.0.0.1:50051: this process has too many open files (EMFILE)",
    ],
    [lookupError("nowhere.test", coded("ENOTFOUND")), "cannot resolve nowhere.test: no such host (ENOTFOUND)"],
    [
      lookupError("nowhere.test", coded("EAI_AGAIN")),
      "cannot resolve nowhere.test: the name server did not answer (EAI_AGAIN)",
    ],
    [
      streamError("ipv4:10.0.0.1:50051", coded("EHOSTUNREACH")),
      "connection to ipv4:10.0.0.1:50051 failed: no route to the host (EHOSTUNREACH)",
    ],
  ];
  for (const [error, sentence] of cases) it(sentence, () => assert.equal(error.message, sentence));

  it("keep the system's error as cause", () => {
    const cause = coded("ECONNREFUSED");
    assert.equal(connectError(tcp, cause).cause, cause);
  });
});

describe("errorCode", () => {
  it("is empty for what has none", () => {
    for (const value of [undefined, null, "ECONNREFUSED", new Error("x"), { code: 5 }])
      assert.equal(errorCode(value), "");
    assert.equal(errorCode(coded("EPIPE")), "EPIPE");
  });
});

describe("addressProblem", () => {
  const problems: readonly [string, Address, string][] = [
    [
      "an empty host",
      { transport: "tcp", host: "", port: 1 },
      "to :1: host is empty or has a space or a control character",
    ],
    ["a port above the limit", { transport: "tcp", host: "h", port: 65536 }, "to h:65536: port is 65536, limit 65535"],
    ["a negative port", { transport: "tcp", host: "h", port: -1 }, "to h:-1: port is -1, limit 65535"],
    [
      "a port that is no number",
      { transport: "tcp", host: "h", port: Number.NaN },
      "to h:NaN: port is NaN, limit 65535",
    ],
    ["an empty path", { transport: "unix", path: "" }, "to unix:: path is empty"],
    ["an empty abstract name", { transport: "unix", path: "\0" }, "to unix-abstract:: path is empty"],
    ["a NUL in a path", { transport: "unix", path: "/a\0b" }, "to unix:/a\0b: path has a NUL character"],
    [
      "an in-process address",
      { transport: "inproc", name: "x" },
      "to inproc:x: an in-process address has no byte stream",
    ],
  ];
  for (const [title, address, sentence] of problems) {
    it(`says what is wrong with ${title}`, () => assert.equal(addressProblem("to", address), sentence));
  }

  it("counts the bytes of a unix path", () => {
    const limit = process.platform === "linux" ? 107 : 103;
    const path = `/${"é".repeat(60)}`;
    assert.equal(
      addressProblem("to", { transport: "unix", path }),
      `to unix:${path}: path is 121 bytes, limit ${limit}`,
    );
    assert.equal(addressProblem("to", { transport: "unix", path: `/${"e".repeat(limit - 1)}` }), undefined);
  });

  it("has nothing against good addresses", () => {
    for (const address of [tcp, unix, { transport: "unix", path: "\0name" } as const]) {
      assert.equal(addressProblem("to", address), undefined);
    }
  });
});
