import assert from "node:assert/strict";
import { toAddress } from "../../../src/services/channelz/socket-address.js";

describe("addresses in channelz", () => {
  const bytesOf = (text: string): number[] | string => {
    const { address } = toAddress(text);
    if (address?.case !== "tcpipAddress") return address?.case ?? "none";
    return [...(address.value.ipAddress ?? []), address.value.port ?? 0];
  };
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);

  it("have the bytes of IPv4 and IPv6", () => {
    assert.deepEqual(bytesOf("ipv4:10.0.200.1:443"), [10, 0, 200, 1, 443]);
    assert.deepEqual(bytesOf("127.0.0.1:0"), [127, 0, 0, 1, 0]);
    assert.deepEqual(bytesOf("ipv6:[::1]:50051"), [...zeros(15), 1, 50051]);
    assert.deepEqual(bytesOf("[::]:1"), [...zeros(16), 1]);
    assert.deepEqual(bytesOf("[2001:db8::ff00:42]:1"), [0x20, 1, 0x0d, 0xb8, ...zeros(8), 0xff, 0, 0, 0x42, 1]);
    assert.deepEqual(bytesOf("[1:2:3:4:5:6:7:8]:1"), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 1]);
    assert.deepEqual(bytesOf("[::ffff:10.0.0.1]:1"), [...zeros(10), 255, 255, 10, 0, 0, 1, 1]);
    assert.deepEqual(bytesOf("ipv6:[fe80::1%25eth0]:1"), [0xfe, 0x80, ...zeros(13), 1, 1]);
  });

  it("have the path of a unix socket, and the text of all else", () => {
    const { address } = toAddress("unix:/run/x.sock");
    assert.deepEqual(address, { case: "udsAddress", value: { filename: "/run/x.sock" } });
    for (const text of ["dns:shop.internal:443", "inproc:shop", "unknown", "10.0.0.256:1", "[1:2]:1"])
      assert.deepEqual(toAddress(text).address, { case: "otherAddress", value: { name: text } });
  });
});
