import assert from "node:assert/strict";
import { connectionKey } from "../../src/channel/connection-key.js";

describe("connectionKey", () => {
  it("is equal for equal values, Infinity among them, and for the same objects", () => {
    const shared = {};
    const key = (limit: number) => connectionKey({ authority: "shop", limits: { limit } }, [shared, undefined]);
    assert.equal(key(Number.POSITIVE_INFINITY), key(Number.POSITIVE_INFINITY));
    assert.notEqual(key(Number.POSITIVE_INFINITY), key(1));
  });

  it("is another for another object, however equal", () => {
    assert.notEqual(connectionKey({}, [{}]), connectionKey({}, [{}]));
    assert.notEqual(connectionKey({}, [undefined]), connectionKey({}, [{}]));
  });

  it("is another for a value in another place", () => {
    assert.notEqual(connectionKey({ a: "x" }, []), connectionKey({ b: "x" }, []));
  });
});
