import assert from "node:assert/strict";
import { CommandError, UsageError } from "../../../src/cli/command.js";
import { parseFlags } from "../../../src/cli/parse-flags.js";
import {
  credentialsOf,
  headersOf,
  millisOf,
  openTarget,
  type TargetValues,
  targetFlags,
} from "../../../src/cli/target/target-flags.js";
import { createAuthority } from "../../support/certificates.js";
import { FakeWorld } from "../fake-world.js";

const parse = (...args: string[]): TargetValues => parseFlags({ options: targetFlags, strict: true }, args).values;

describe("flags of commands that talk with a server", () => {
  it("say what is wrong in a sentence", () => {
    const world = new FakeWorld();
    world.files.set("x.pem", "nonsense");
    const cases: readonly [string[], string][] = [
      [["--insecure", "--tls"], "--insecure and --tls contradict each other"],
      [["--insecure", "--cacert", "x.pem"], "--insecure and --cacert contradict each other"],
      [["--cert", "x.pem"], "--cert and --key go together"],
      [["--key", "x.pem"], "--cert and --key go together"],
      [["--cacert", "none.pem"], "cannot read none.pem (--cacert): ENOENT: no such file or directory, open 'none.pem'"],
      [["--timeout", "soon"], '--timeout is "soon": expected seconds, as 2.5s or 500ms'],
      [["--header", "name"], "--header is \"name\": expected 'name: value'"],
      [["--nope"], "Unknown option '--nope'"],
    ];
    for (const [args, sentence] of cases) {
      const open = (): void => {
        const values = parse(...args);
        millisOf("--timeout", values.timeout);
        headersOf(values);
        openTarget("localhost:1", values, world);
      };
      assert.throws(open, (error) => {
        assert.ok(error instanceof UsageError || error instanceof CommandError);
        assert.equal(error.message, sentence);
        return true;
      });
    }
    assert.throws(() => openTarget("localhost:x", parse(), world), UsageError);
    assert.throws(() => headersOf(parse("-H", "grpc-status: 1")), UsageError);
  });

  it("are metadata and a time", () => {
    const metadata = headersOf(parse("-H", "X-Say: a: b", "--header", "x-key-bin: AAE=", "-H", "x-say: c"));
    assert.deepEqual(metadata.getAll("x-say"), ["a: b", "c"]);
    assert.deepEqual(metadata.getAll("x-key-bin"), [Buffer.of(0, 1)]);
    const times = ["2", "2.5s", "500ms"].map((time) => millisOf("--timeout", parse("-t", time).timeout));
    assert.deepEqual([...times, millisOf("--timeout", parse().timeout)], [2000, 2500, 500, undefined]);
  });

  it("protect whatever leaves this machine, unless they say otherwise", () => {
    const world = new FakeWorld();
    const authority = createAuthority();
    const { chain, key } = authority.issue({});
    world.files.set("ca.pem", authority.certificate).set("me.pem", chain).set("me.key", key);
    const schemeOf = (target: string, ...args: string[]) => credentialsOf(target, parse(...args), world).scheme;
    const local = [
      "localhost:1",
      "localhost",
      "127.0.0.1:1",
      "[::1]:1",
      "ipv4:127.9.9.9:1",
      "unix:/x",
      "dns:///localhost:1",
    ];
    for (const target of local) {
      assert.equal(schemeOf(target), "http", target);
      assert.equal(schemeOf(target, "--tls"), "https", target);
      assert.equal(schemeOf(target, "--cacert", "ca.pem"), "https", target);
    }
    for (const target of [
      "shop.internal:443",
      "localhost.evil.test:1",
      "10.0.0.1:1",
      "128.0.0.1:1",
      "[::2]:1",
      "dns:///x",
    ]) {
      assert.equal(schemeOf(target), "https", target);
      assert.equal(schemeOf(target, "--cert", "me.pem", "--key", "me.key"), "https", target);
      assert.equal(schemeOf(target, "--insecure"), "http", target);
    }
  });
});
