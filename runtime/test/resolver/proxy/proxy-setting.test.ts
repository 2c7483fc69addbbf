import assert from "node:assert/strict";
import { proxySetting } from "../../../src/resolver/proxy/proxy-setting.js";

function of(option: string | false | undefined, variables: Readonly<Record<string, string>> = {}) {
  return proxySetting(option, (name) => variables[name]);
}

describe("proxySetting", () => {
  it("is the channel's option, for every host", () => {
    const setting = of("http://p:1", { https_proxy: "http://other:1", no_proxy: "*" });
    assert.equal(setting?.source, "proxy");
    assert.equal(setting?.url, "http://p:1");
    for (const host of ["localhost", "a.org", "127.0.0.1"]) assert.equal(setting?.exempts(host, 443), false);
    assert.equal(of(false, { https_proxy: "http://other:1" }), undefined);
  });

  it("is what the environment says, the first variable that is set", () => {
    const variables = ["grpc_proxy", "GRPC_PROXY", "https_proxy", "HTTPS_PROXY", "http_proxy"];
    for (const [i, name] of variables.entries()) {
      const set = Object.fromEntries(variables.slice(i).map((each) => [each, `http://${each}`]));
      assert.equal(of(undefined, set)?.url, `http://${name}`);
      assert.equal(of(undefined, set)?.source, `the environment's ${name}`);
    }
    assert.equal(of(undefined), undefined);
  });

  it("is none where that variable is empty", () => {
    assert.equal(of(undefined, { grpc_proxy: "", https_proxy: "http://p:1" }), undefined);
  });

  it("is not HTTP_PROXY, which a request can set in a CGI program (CVE-2016-5385)", () => {
    assert.equal(of(undefined, { HTTP_PROXY: "http://evil:1" }), undefined);
  });

  it("excepts what no_grpc_proxy says, or else no_proxy, in both cases", () => {
    for (const name of ["no_grpc_proxy", "NO_GRPC_PROXY", "no_proxy", "NO_PROXY"]) {
      const setting = of(undefined, { https_proxy: "http://p:1", [name]: "a.org" });
      assert.equal(setting?.exempts("a.org", 443), true, name);
      assert.equal(setting?.exempts("b.org", 443), false, name);
    }
    const both = of(undefined, { https_proxy: "http://p:1", no_grpc_proxy: "a.org", no_proxy: "b.org" });
    assert.equal(both?.exempts("b.org", 443), false);
  });

  it("excepts this host", () => {
    const setting = of(undefined, { https_proxy: "http://p:1" });
    for (const host of [
      "localhost",
      "LOCALHOST.",
      "a.localhost",
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "::ffff:127.0.0.1",
    ]) {
      assert.equal(setting?.exempts(host, 443), true, host);
    }
    for (const host of ["localhost.org", "128.0.0.1", "::2", "::", "1.0.0.127"]) {
      assert.equal(setting?.exempts(host, 443), false, host);
    }
  });
});
