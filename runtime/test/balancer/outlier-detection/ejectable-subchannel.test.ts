import assert from "node:assert/strict";
import { EjectableSubchannel } from "../../../src/balancer/outlier-detection/ejectable-subchannel.js";
import { EndpointRecord } from "../../../src/balancer/outlier-detection/endpoint-record.js";
import type { ConnectivityState } from "../../../src/rpc/connectivity-state.js";
import { FakeController, type FakeSubchannel } from "../fake-controller.js";

describe("EjectableSubchannel", () => {
  let record: EndpointRecord;
  let inner: FakeSubchannel;
  let subchannel: EjectableSubchannel;
  let told: ConnectivityState[];

  beforeEach(() => {
    const controller = new FakeController();
    record = new EndpointRecord();
    told = [];
    subchannel = new EjectableSubchannel(record, { onState: (state) => told.push(state) }, (listener) => {
      inner = controller.createSubchannel({ transport: "tcp", host: "a", port: 1 }, listener);
      return inner;
    });
  });

  it("says TRANSIENT_FAILURE instead of READY while its endpoint is ejected", () => {
    inner.become("READY");
    record.eject(0);
    assert.equal(subchannel.state, "TRANSIENT_FAILURE");
    assert.equal(subchannel.lastError, "a:1 is ejected: too many of its calls failed (outlier detection)");
    record.uneject();
    assert.equal(subchannel.state, "READY");
    assert.deepEqual(told, ["READY", "TRANSIENT_FAILURE", "READY"]);
    assert.equal(subchannel.lastError, undefined);
  });

  it("says what it is in every other state", () => {
    record.eject(0);
    assert.equal(subchannel.state, "IDLE");
    inner.become("CONNECTING");
    inner.fail();
    assert.equal(subchannel.lastError, "connect to a:1 was refused");
    record.uneject();
    record.eject(0);
    inner.become("READY");
    inner.become("IDLE");
    assert.deepEqual(told, ["CONNECTING", "TRANSIENT_FAILURE", "TRANSIENT_FAILURE", "IDLE"]);
  });

  it("says nothing more once it is released", () => {
    inner.become("READY");
    subchannel.release();
    // Another policy may hold the same connection.
    inner.state = "READY";
    record.eject(0);
    assert.deepEqual(told, ["READY"]);
  });

  it("is its subchannel in all else", () => {
    subchannel.connect();
    assert.equal(inner.state, "CONNECTING");
    assert.equal(subchannel.isOpen(), false);
    inner.become("READY");
    assert.equal(subchannel.isOpen(), true);
    assert.equal(subchannel.name, "a:1");
    assert.equal(subchannel.address, inner.address);
  });
});
