import assert from "node:assert/strict";
import { addressList, shuffledEndpoints } from "../../../src/balancer/pick-first/address-list.js";
import type { Address } from "../../../src/base/platform.js";
import { addressName, type Endpoint } from "../../../src/resolver/endpoint.js";
import { endpoint, endpoints } from "../fake-controller.js";

function names(given: readonly Endpoint[]): string[] {
  return addressList(given).map((address) => addressName(address).replace(/:1$/, ""));
}

describe("addressList", () => {
  it("puts the addresses of the endpoints one behind the other, each once", () => {
    assert.deepEqual(names([endpoint("b", "a"), endpoint("b"), endpoint("c", "a")]), ["b", "a", "c"]);
    assert.deepEqual(names([]), []);
  });

  it("takes IPv6 and IPv4 in turn, beginning with the first (RFC 8305 §4, gRFC A61)", () => {
    const six = ["2001:db8::1", "2001:db8::2", "2001:db8::3"] as const;
    const four = ["192.0.2.1", "192.0.2.2"] as const;
    assert.deepEqual(names(endpoints(...six, ...four)), [
      ...["[2001:db8::1]", "192.0.2.1", "[2001:db8::2]", "192.0.2.2"],
      "[2001:db8::3]",
    ]);
    assert.deepEqual(names(endpoints(...four, six[0])), ["192.0.2.1", "[2001:db8::1]", "192.0.2.2"]);
    assert.deepEqual(names([endpoint(...four), endpoint(...six)]).slice(0, 2), ["192.0.2.1", "[2001:db8::1]"]);
  });

  it("counts names and unix sockets as families of their own", () => {
    const unix: Address = { transport: "unix", path: "/run/x.sock" };
    const given = [...endpoints("192.0.2.1", "192.0.2.2", "shop"), { addresses: [unix] as const }];
    assert.deepEqual(names(given), ["192.0.2.1", "shop", "unix:/run/x.sock", "192.0.2.2"]);
  });
});

describe("shuffledEndpoints", () => {
  it("keeps the addresses of an endpoint as they are", () => {
    const given = [endpoint("a", "b"), endpoint("c", "d")];
    assert.deepEqual(names(shuffledEndpoints(given, () => 0)), ["c", "d", "a", "b"]);
  });

  it("goes by weight where weights differ (gRFC A113)", () => {
    const weighted = endpoints("light", "heavy").map(
      (each, i): Endpoint => ({ ...each, attributes: { weight: i * 1000 } }),
    );
    assert.deepEqual(names(shuffledEndpoints(weighted, () => 0.5)), ["heavy", "light"]);
  });
});
