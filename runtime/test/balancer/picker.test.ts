import assert from "node:assert/strict";
import {
  failAlways,
  ObservedPicker,
  type PickedSubchannel,
  type PickObserver,
  pickAlways,
} from "../../src/balancer/picker.js";
import type { RequestHeaders } from "../../src/rpc/invoker.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";

const headers = {} as RequestHeaders;
const subchannel = { name: "a" } as PickedSubchannel;

function recorder(name: string, log: string[]): PickObserver {
  return { onStart: () => log.push(`${name} start`), onEnd: () => log.push(`${name} end`) };
}

function observerOf(picker: ObservedPicker): PickObserver {
  const result = picker.pick(headers);
  assert.ok(result.kind === "pick" && result.observer !== undefined);
  return result.observer;
}

describe("ObservedPicker", () => {
  it("adds its observer to what another one picks, once", () => {
    const observer = recorder("own", []);
    const picker = new ObservedPicker(pickAlways(subchannel), observer);
    assert.deepEqual(picker.pick(headers), { kind: "pick", subchannel, observer });
    assert.equal(picker.pick(headers), picker.pick(headers), "a pick makes no object");
  });

  it("leaves alone what is no pick", () => {
    const inner = failAlways({ code: StatusCode.UNAVAILABLE, message: "no" });
    assert.equal(new ObservedPicker(inner, recorder("own", [])).pick(headers), inner.pick(headers));
  });

  it("has the observer below hear, too", () => {
    const log: string[] = [];
    const inner = new ObservedPicker(pickAlways(subchannel), recorder("inner", log));
    const observer = observerOf(new ObservedPicker(inner, recorder("outer", log)));
    observer.onStart?.();
    observer.onEnd(OK);
    assert.deepEqual(log, ["inner start", "outer start", "inner end", "outer end"]);
  });

  it("tells the end to both, though the one below throws", () => {
    const log: string[] = [];
    const broken: PickObserver = {
      onEnd: () => {
        throw new Error("a bug");
      },
    };
    const inner = new ObservedPicker(pickAlways(subchannel), broken);
    const observer = observerOf(new ObservedPicker(inner, recorder("outer", log)));
    observer.onStart?.();
    assert.throws(() => observer.onEnd(OK), /a bug/);
    assert.deepEqual(log, ["outer start", "outer end"]);
  });
});
