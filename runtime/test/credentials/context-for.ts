import type { CallCredentialsContext } from "../../src/rpc/call-credentials.js";
import { method } from "../channel/recorded-call.js";
import type { FakePlatform } from "../support/fake-platform.js";

/** An attempt over TLS. */
export function contextFor(platform: FakePlatform): CallCredentialsContext {
  return {
    method,
    serviceUrl: "https://shop.example/shop.v1.Shop",
    authority: "shop.example",
    peer: { address: "ipv4:10.0.0.1:443", security: "tls" },
    signal: new AbortController().signal,
    platform,
  };
}
