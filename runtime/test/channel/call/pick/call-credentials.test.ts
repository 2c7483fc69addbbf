import assert from "node:assert/strict";
import type { ChosenPolicy, LoadBalancingPolicyFactory } from "../../../../src/balancer/load-balancing-policy.js";
import { defaultPickFirst, pickFirst } from "../../../../src/balancer/pick-first/pick-first.js";
import type { PickedSubchannel, Picker, PickResult } from "../../../../src/balancer/picker.js";
import { combineCredentials } from "../../../../src/credentials/call-credentials.js";
import type { CallCredentials, CallCredentialsContext } from "../../../../src/rpc/call-credentials.js";
import type { CallOptions } from "../../../../src/rpc/call-options.js";
import { Metadata, type MetadataInit } from "../../../../src/rpc/metadata.js";
import { StatusCode } from "../../../../src/rpc/status-code.js";
import { StatusError } from "../../../../src/rpc/status-error.js";
import { ChannelFixture, type FixtureParts } from "../../channel-fixture.js";
import { method, type RecordedCall } from "../../recorded-call.js";
import type { ScriptedTransport } from "../../scripted-connector.js";

/** Credentials whose answer the test gives. */
class ScriptedCredentials implements CallCredentials {
  readonly asked: CallCredentialsContext[] = [];
  readonly answers: { resolve(metadata: MetadataInit): void; reject(error: unknown): void }[] = [];
  /** Answers at once; undefined: the test does. */
  atOnce: (() => MetadataInit | Metadata) | undefined;

  metadata(call: CallCredentialsContext): MetadataInit | Metadata | Promise<MetadataInit> {
    this.asked.push(call);
    if (this.atOnce !== undefined) return this.atOnce();
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  }
}

/** pick_first, whose picks are changed. */
function picking(change: (result: PickResult & { kind: "pick" }) => PickResult): ChosenPolicy {
  const changed = (inner: Picker): Picker => ({
    pick(headers) {
      const result = inner.pick(headers);
      return result.kind === "pick" ? change(result) : result;
    },
  });
  const factory: LoadBalancingPolicyFactory = {
    name: "changed",
    parseConfig: () => ({ value: defaultPickFirst }),
    create: (controller) =>
      pickFirst.create({
        createSubchannel: (address, listener, options) => controller.createSubchannel(address, listener, options),
        update: (state, picker) => controller.update(state, changed(picker)),
        requestResolution: () => controller.requestResolution(),
        now: () => controller.now(),
        random: () => controller.random(),
        setTimer: (at, fn) => controller.setTimer(at, fn),
      }),
  };
  return { factory, config: defaultPickFirst };
}

class World {
  readonly f: ChannelFixture;
  readonly transport: ScriptedTransport;
  readonly credentials = new ScriptedCredentials();

  constructor(parts: FixtureParts = {}, security: "none" | "tls" | "local" = "tls", slots?: number) {
    this.f = new ChannelFixture({ authority: "shop.example:443", ...parts });
    this.f.platform.random = () => 0.5;
    this.f.connector.security = security;
    this.transport = this.f.ready(slots);
  }

  call(options: CallOptions = {}): RecordedCall {
    return this.f.call({ credentials: this.credentials, ...options });
  }

  sent(index = 0): Record<string, unknown> {
    const call = this.transport.calls[index] ?? assert.fail("the attempt was not sent");
    return Object.fromEntries(call.headers.metadata);
  }
}

describe("call credentials", () => {
  it("are asked for behind the pick, and go with the request", async () => {
    const w = new World();
    const call = w.call();
    call.stream?.pull(1);
    call.stream?.send("a", true);
    assert.equal(w.transport.calls.length, 0, "nothing is sent before");
    w.credentials.answers[0]?.resolve({ authorization: "Bearer t", "x-user": "ann" });
    await w.f.platform.settle();
    assert.deepEqual(w.sent(), { authorization: "Bearer t", "x-user": "ann" });
    assert.deepEqual(w.transport.calls[0]?.log, ["pull 1", "send a last"]);
    w.transport.calls[0]?.answer("b");
    assert.deepEqual(call.log, ["writable", "headers", "message b", "OK"]);
    w.f.platform.runTurns();
    assert.equal(w.f.platform.timers, 0);
  });

  it("that answer at once let the call start at once", () => {
    const w = new World();
    w.credentials.atOnce = () => ({ authorization: "Bearer t" });
    w.call();
    assert.deepEqual(w.sent(), { authorization: "Bearer t" });
  });

  it("know the call that they are for", () => {
    const w = new World();
    w.call();
    const { method: asked, serviceUrl, authority, peer, platform } = w.credentials.asked[0] ?? assert.fail();
    assert.deepEqual(
      { asked, serviceUrl, authority, peer: peer.address, platform },
      {
        asked: method,
        serviceUrl: "https://shop.example/shop.v1.Shop",
        authority: "shop.example:443",
        peer: "ipv4:10.0.0.1:1",
        platform: w.f.platform,
      },
    );
    w.call({ authority: "other.example:8443" });
    assert.equal(w.credentials.asked[1]?.serviceUrl, "https://other.example:8443/shop.v1.Shop");
  });

  it("replace what the call's metadata has under the same key, in every spelling, and count as secret", () => {
    const w = new World();
    w.credentials.atOnce = () => ({ Authorization: "Bearer right", "X-Api-Key": "k" });
    const metadata = new Metadata({ authorization: "Bearer wrong", "x-other": "1" });
    w.f.call({ credentials: w.credentials }, { metadata });
    assert.deepEqual(w.sent(), { "x-other": "1", authorization: "Bearer right", "x-api-key": "k" });
    assert.deepEqual([...(w.transport.calls[0]?.headers.metadata.secrets ?? [])], ["authorization", "x-api-key"]);
    assert.equal(metadata.get("authorization"), "Bearer wrong", "the call's own metadata stays as it is");
  });

  it("of the channel go with every call, and below those of a call", async () => {
    const channel = new ScriptedCredentials();
    const w = new World({ callCredentials: channel });
    channel.atOnce = () => ({ authorization: "Bearer channel", "x-channel": "1" });
    w.f.call();
    assert.deepEqual(w.sent(), { authorization: "Bearer channel", "x-channel": "1" });
    w.call();
    w.credentials.answers[0]?.resolve({ authorization: "Bearer call" });
    await w.f.platform.settle();
    assert.deepEqual(w.sent(1), { "x-channel": "1", authorization: "Bearer call" });
  });

  it("of a channel that fail at once leave nothing unhandled of others that were asked before", async () => {
    const w = new World();
    const failing: CallCredentials = {
      metadata() {
        throw new Error("no token");
      },
    };
    const call = w.call({ credentials: combineCredentials(w.credentials, failing) });
    assert.equal(call.outcome, "UNAUTHENTICATED: the call credentials failed: no token");
    w.credentials.answers[0]?.reject(new Error("late"));
    await w.f.platform.settle();
  });

  for (const security of ["tls", "local"] as const) {
    it(`are sent over a connection whose security is "${security}"`, () => {
      const w = new World({}, security);
      w.credentials.atOnce = () => ({ authorization: "Bearer t" });
      w.call();
      assert.deepEqual(w.sent(), { authorization: "Bearer t" });
    });
  }

  it("are never sent over a connection without protection, nor asked for", () => {
    const w = new World({}, "none");
    const call = w.call({ retry: { retryableStatusCodes: [StatusCode.UNAUTHENTICATED] } });
    assert.equal(
      call.outcome,
      "UNAUTHENTICATED: call credentials were not sent: the connection to ipv4:10.0.0.1:1 is not protected; " +
        "expected TLS, or a peer on this host by unix: or inproc:",
    );
    assert.equal(call.status?.delivery, "not-sent");
    w.f.platform.advance(10_000);
    assert.equal(w.credentials.asked.length + w.transport.calls.length, 0, "it is not tried again either");
  });

  it("are not sent where a policy's own subchannel does not say who is there", () => {
    const hiding = (inner: PickedSubchannel): PickedSubchannel => ({
      name: inner.name,
      isOpen: () => inner.isOpen(),
      waitForSlot: (waiter) => inner.waitForSlot(waiter),
      leaveSlotQueue: (waiter) => inner.leaveSlotQueue(waiter),
      invoke: (headers, options, sink) => inner.invoke(headers, options, sink),
    });
    const w = new World(
      { policy: picking((result) => ({ ...result, subchannel: hiding(result.subchannel) })) },
      "tls",
      1,
    );
    const call = w.call();
    assert.match(call.outcome, /^UNAUTHENTICATED: call credentials were not sent: it is not known how the connection/);
    assert.equal(w.transport.calls.length, 0);
    w.f.call();
    const waiting = w.call();
    w.transport.calls[0]?.answer();
    w.transport.freeSlots();
    assert.match(waiting.outcome, /^UNAUTHENTICATED: .* it is not known/);
  });
});

describe("a call that waits for its credentials", () => {
  it("ends at once when it is cancelled, and says so; its credentials hear of it", async () => {
    const w = new World();
    const call = w.call();
    const { signal } = w.credentials.asked[0] ?? assert.fail();
    assert.equal(w.f.channel.describe().waitingCalls, 1);
    assert.equal(w.f.platform.holdingTimers, 1, "it keeps the process alive");
    call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    assert.equal(call.outcome, "CANCELLED: enough while waiting for call credentials");
    assert.equal(call.status?.delivery, "not-sent");
    assert.equal(signal.aborted, true);
    assert.equal(w.credentials.asked[0]?.signal.aborted, true);
    w.credentials.answers[0]?.resolve({ authorization: "Bearer late" });
    await w.f.platform.settle();
    assert.equal(w.transport.calls.length, 0);
    assert.equal(w.f.platform.timers, 0);
  });

  it("gives a signal that is first asked for behind its end aborted", () => {
    const w = new World();
    w.call().stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    assert.equal(w.credentials.asked[0]?.signal.aborted, true);
  });

  it("ends with its deadline, and says where the time went", () => {
    const w = new World();
    const call = w.call({ timeoutMs: 500 });
    w.f.platform.advance(500);
    assert.equal(call.outcome, "DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for call credentials");
    assert.equal(call.status?.timings?.credentialsMs, 500);
    assert.equal(call.status?.attempts, 0);
  });

  it("waits for a slot where there is none any more, with what it has", async () => {
    const w = new World({}, "tls", 1);
    const [first, second] = [w.call(), w.call()];
    for (const { resolve } of w.credentials.answers) resolve({ authorization: "Bearer t" });
    await w.f.platform.settle();
    assert.equal(w.transport.calls.length, 1);
    w.transport.calls[0]?.answer();
    w.transport.freeSlots();
    assert.deepEqual(w.sent(1), { authorization: "Bearer t" });
    assert.equal(w.credentials.asked.length, 2);
    w.transport.calls[1]?.answer();
    assert.deepEqual([first.outcome, second.outcome], ["OK", "OK"]);
  });

  it("is picked anew, and asks anew, where its connection has gone", async () => {
    const w = new World();
    const call = w.call({ waitForReady: true });
    w.transport.lose();
    w.credentials.answers[0]?.resolve({ authorization: "Bearer first" });
    await w.f.platform.settle();
    w.f.platform.advance(5000);
    const transport = w.f.connector.last.succeed();
    w.credentials.answers[1]?.resolve({ authorization: "Bearer second" });
    await w.f.platform.settle();
    assert.equal(transport.calls[0]?.headers.metadata.get("authorization"), "Bearer second");
    transport.calls[0]?.answer();
    assert.equal(call.outcome, "OK");
  });
});

describe("call credentials run again", () => {
  it("vector 16: creds re-run: for each attempt of a retry policy", async () => {
    const w = new World();
    const call = w.call({ retry: {} });
    for (let attempt = 0; attempt < 3; attempt++) {
      assert.equal(w.credentials.asked.length, attempt + 1);
      w.credentials.answers[attempt]?.resolve({ authorization: `Bearer ${attempt}` });
      await w.f.platform.settle();
      assert.deepEqual(w.sent(attempt), { authorization: `Bearer ${attempt}` });
      w.transport.calls[attempt]?.end({ code: StatusCode.UNAVAILABLE, message: "down", delivery: "processed" });
      await w.f.platform.advanceAsync(1000);
    }
    w.credentials.answers[3]?.resolve({ authorization: "Bearer 3" });
    await w.f.platform.settle();
    w.transport.calls[3]?.answer();
    assert.equal(call.outcome, "OK");
  });

  it("vector 16: for each hedge", async () => {
    const w = new World();
    w.f.call(
      { credentials: w.credentials, hedging: { delayMs: 10, maxExtraLoad: Number.POSITIVE_INFINITY } },
      { method: { ...method, idempotency: "NO_SIDE_EFFECTS" } },
    );
    w.f.platform.advance(10);
    assert.equal(w.credentials.asked.length, 2);
    w.credentials.answers[1]?.resolve({ authorization: "Bearer second" });
    await w.f.platform.settle();
    assert.deepEqual(w.sent(), { authorization: "Bearer second" });
    w.transport.calls[0]?.answer();
    await w.f.platform.settle();
    assert.equal(w.credentials.asked[0]?.signal.aborted, true, "the one that lost is not waited for");
  });

  it("vector 16: for a transparent retry", async () => {
    const w = new World();
    const call = w.call();
    w.credentials.answers[0]?.resolve({ authorization: "Bearer 0" });
    await w.f.platform.settle();
    w.transport.calls[0]?.end({ code: StatusCode.UNAVAILABLE, message: "refused", delivery: "not-processed" });
    w.credentials.answers[1]?.resolve({ authorization: "Bearer 1" });
    await w.f.platform.settle();
    assert.deepEqual(w.sent(1), { authorization: "Bearer 1" });
    w.transport.calls[1]?.answer();
    assert.equal(call.outcome, "OK");
  });
});

describe("call credentials that fail", () => {
  it("end the call with the code of a StatusError", async () => {
    const w = new World();
    const call = w.call();
    w.credentials.answers[0]?.reject(new StatusError(StatusCode.UNAVAILABLE, "the vault is sealed"));
    await w.f.platform.settle();
    assert.equal(call.outcome, "UNAVAILABLE: the call credentials failed: the vault is sealed");
    assert.deepEqual([call.status?.delivery, call.status?.attempts], ["not-sent", 0]);
    assert.equal(w.transport.calls.length, 0);
  });

  it("end it with INTERNAL where the code is for servers alone (gRFC A54)", async () => {
    const w = new World();
    const call = w.call();
    w.credentials.answers[0]?.reject(new StatusError(StatusCode.NOT_FOUND, "no such user"));
    await w.f.platform.settle();
    assert.equal(
      call.outcome,
      "INTERNAL: the call credentials failed: the control plane gave the status NOT_FOUND, which only a server may: no such user",
    );
  });

  it("end it with UNAUTHENTICATED for anything else, at once or later", async () => {
    const w = new World();
    const late = w.call();
    w.credentials.answers[0]?.reject("no luck");
    await w.f.platform.settle();
    assert.equal(late.outcome, "UNAUTHENTICATED: the call credentials failed: no luck");
    w.credentials.atOnce = () => {
      throw new Error("no token");
    };
    assert.equal(w.call().outcome, "UNAUTHENTICATED: the call credentials failed: no token");
    w.credentials.atOnce = () => ({ authorization: "Bearer a\nb" });
    assert.match(
      w.call().outcome,
      /^UNAUTHENTICATED: the call credentials failed: metadata value of "authorization" is not valid/,
    );
    w.credentials.atOnce = () => ({ "grpc-timeout": "1S" });
    assert.match(w.call().outcome, /^UNAUTHENTICATED: .* key "grpc-timeout" is reserved/);
  });

  it("are tried again where the policy lists the code", async () => {
    const w = new World();
    const call = w.call({ retry: {} });
    w.credentials.answers[0]?.reject(new StatusError(StatusCode.UNAVAILABLE, "the vault is sealed"));
    await w.f.platform.advanceAsync(1000);
    w.credentials.answers[1]?.resolve({ authorization: "Bearer t" });
    await w.f.platform.settle();
    w.transport.calls[0]?.answer();
    assert.equal(call.outcome, "OK");
  });

  it("say nothing of what looks like a secret, and do not hand it on as the cause", async () => {
    const w = new World();
    const secrets = [
      "cannot use Bearer s3cr3t-token here",
      'refused {"access_token":"s3cr3t-token"}',
      "POST /token?client_secret=s3cr3t-token&x=1 failed",
      "bad jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzM2NyM3QtdG9rZW4ifQ.s3cr3t-token",
    ];
    for (const text of secrets) {
      const call = w.call();
      w.credentials.answers.at(-1)?.reject(new Error(text));
      await w.f.platform.settle();
      assert.match(call.outcome, /\[redacted\]/);
      assert.doesNotMatch(call.outcome, /s3cr3t/);
      assert.equal(call.status?.cause, undefined);
    }
  });

  it("tell a policy's observer nothing: its endpoint has done nothing", async () => {
    const heard: string[] = [];
    const observer = { onStart: () => heard.push("start"), onEnd: () => heard.push("end") };
    const w = new World({ policy: picking((result) => ({ ...result, observer })) });
    w.call();
    w.credentials.answers[0]?.reject(new StatusError(StatusCode.UNAVAILABLE, "down"));
    await w.f.platform.settle();
    assert.deepEqual(heard, []);
    w.call();
    w.credentials.answers[1]?.resolve({});
    await w.f.platform.settle();
    assert.deepEqual(heard, ["start"]);
  });
});
