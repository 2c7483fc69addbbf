import assert from "node:assert/strict";
import { inspect } from "node:util";
import { parseHttpProxy } from "../../../src/resolver/proxy/http-proxy.js";

function parse(text: string): readonly [string, number, string | undefined] | string {
  const parsed = parseHttpProxy(text);
  if ("error" in parsed) return parsed.error;
  const { host, port } = parsed.value;
  return [host, port, parsed.value.authorization()];
}

describe("parseHttpProxy", () => {
  it("reads host and port, with defaults for what is missing", () => {
    assert.deepEqual(parse("http://proxy.corp:3128"), ["proxy.corp", 3128, undefined]);
    assert.deepEqual(parse("proxy.corp:3128"), ["proxy.corp", 3128, undefined]);
    assert.deepEqual(parse("HTTP://Proxy.Corp/ignored?too"), ["proxy.corp", 80, undefined]);
    assert.deepEqual(parse("http://[fd00::1]:8080"), ["fd00::1", 8080, undefined]);
    assert.deepEqual(parse("10.0.0.1"), ["10.0.0.1", 80, undefined]);
  });

  it("decodes the credentials", () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
    assert.deepEqual(parse("http://ann:secret@p:1"), ["p", 1, basic("ann:secret")]);
    assert.deepEqual(parse("ann:s%40c%2Fr%3At@p:1"), ["p", 1, basic("ann:s@c/r:t")]);
    assert.deepEqual(parse("http://%C3%A4nn@p:1"), ["p", 1, basic("änn:")]);
    assert.deepEqual(parse("http://:secret@p:1"), ["p", 1, basic(":secret")]);
  });

  const wrong: readonly [string, string][] = [
    ["https://ann:secret@p:1", 'its scheme is "https": expected http'],
    ["socks5://ann:secret@p:1", 'its scheme is "socks5": expected http'],
    ["http://ann:secret@p:99999", "it is not a URL: expected http://host:port"],
    ["http://", "it is not a URL: expected http://host:port"],
    ["ann:secret@", "it is not a URL: expected http://host:port"],
    ["http://a%3An:secret@p", "its user name has a colon, which Basic authentication cannot carry"],
    [
      "http://ann:secret%zz@p",
      'a "%" in its user name or password is not followed by two hexadecimal digits of valid UTF-8',
    ],
  ];
  for (const [text, error] of wrong) {
    it(`says that ${error}`, () => {
      assert.equal(parse(text), error);
      assert.ok(!error.includes("secret"));
    });
  }

  it("gives the very same proxy for the same text again, so that channels can share its connections", () => {
    const proxyOf = (text: string) => {
      const parsed = parseHttpProxy(text);
      return "value" in parsed ? parsed.value : undefined;
    };
    const first = proxyOf("http://ann:a@p:1");
    assert.equal(proxyOf("http://ann:a@p:1"), first);
    assert.notEqual(proxyOf("http://ann:b@p:1"), first);
    assert.equal(proxyOf("socks5://p"), undefined);
    assert.notEqual(proxyOf("http://ann:b@p:1"), undefined);
  });

  it("shows nobody the credentials", () => {
    const parsed = parseHttpProxy("http://ann:secret@p:1");
    assert.ok("value" in parsed);
    const encoded = Buffer.from("ann:secret").toString("base64");
    for (const shown of [inspect(parsed.value, { depth: 9, showHidden: true }), JSON.stringify(parsed.value)]) {
      assert.ok(!shown.includes("secret") && !shown.includes(encoded), shown);
    }
  });
});
