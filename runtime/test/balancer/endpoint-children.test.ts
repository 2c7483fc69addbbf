import assert from "node:assert/strict";
import { EndpointChildren, type EndpointChildrenOptions } from "../../src/balancer/endpoint-children.js";
import { endpoint, endpoints, FakeController } from "./fake-controller.js";

type Connects = EndpointChildrenOptions["connects"];

/** Children whose states are written down at each change. */
function start(connects: Connects = "always"): {
  controller: FakeController;
  children: EndpointChildren;
  news: string[];
} {
  const controller = new FakeController();
  const news: string[] = [];
  const children: EndpointChildren = new EndpointChildren(controller, {
    connects,
    onChange: () => news.push(describeChildren(children)),
  });
  return { controller, children, news };
}

function describeChildren(children: EndpointChildren): string {
  return children.children
    .map(({ endpoint, state }) => {
      const [first] = endpoint.addresses;
      return `${first.transport === "tcp" ? first.host : "?"} ${state}`;
    })
    .join(", ");
}

describe("EndpointChildren", () => {
  it("tells what changes together once", () => {
    const { controller, children, news } = start();
    children.update(endpoints("a", "b"));
    assert.deepEqual(news, ["a CONNECTING, b CONNECTING"]);
    controller.at("a:1").become("READY");
    assert.deepEqual(news.slice(1), ["a READY, b CONNECTING"]);
  });

  it("keeps a child as long as its set of addresses stays, and gives it what is new of the endpoint", () => {
    const { controller, children } = start();
    children.update([endpoint("a", "b")]);
    controller.at("a:1").become("READY");
    const [child] = children.children;
    children.update([{ ...endpoint("b", "a"), attributes: { weight: 7 } }]);
    assert.equal(children.children[0], child);
    assert.equal(child?.endpoint.attributes?.weight, 7);
    assert.equal(child?.state, "READY");
    children.update([endpoint("a")]);
    assert.notEqual(children.children[0], child);
  });

  it("takes endpoints with the same addresses for one", () => {
    const { children } = start();
    children.update([endpoint("a", "b"), endpoint("b", "a"), endpoint("a")]);
    assert.equal(children.children.length, 2);
  });

  it("leaves an endpoint at once when another one is READY, behind the news", () => {
    const controller = new FakeController();
    const news: string[] = [];
    const children: EndpointChildren = new EndpointChildren(controller, {
      connects: "always",
      onChange: () => news.push(`${describeChildren(children)}; ${controller.takeLog().join(", ")}`),
    });
    children.update(endpoints("a", "b"));
    controller.at("a:1").become("READY");
    controller.at("b:1").become("READY");
    controller.takeLog();
    children.update(endpoints("b"));
    assert.equal(news.at(-1), "b READY; ");
    assert.deepEqual(controller.takeLog(), ["release a:1"]);
  });

  describe("when every endpoint that was connected is gone", () => {
    const startLeaving = (): ReturnType<typeof start> => {
      const started = start();
      started.children.update(endpoints("a"));
      started.controller.at("a:1").become("READY");
      started.children.update(endpoints("b", "c"));
      assert.equal(started.news.at(-1), "b CONNECTING, c CONNECTING, a READY");
      return started;
    };

    it("uses it until one of the new ones is READY", () => {
      const { controller, news } = startLeaving();
      controller.at("b:1").fail();
      controller.at("c:1").fail();
      assert.equal(news.at(-1), "b TRANSIENT_FAILURE, c TRANSIENT_FAILURE, a READY");
      controller.takeLog();
      controller.at("c:1").become("IDLE");
      controller.at("c:1").become("READY");
      assert.equal(news.at(-1), "b TRANSIENT_FAILURE, c READY");
      assert.deepEqual(controller.takeLog(), ["connect c:1", "release a:1"]);
    });

    it("does not connect to it again", () => {
      const { controller, news } = startLeaving();
      controller.takeLog();
      controller.at("a:1").become("IDLE");
      assert.equal(news.at(-1), "b CONNECTING, c CONNECTING");
      assert.equal(controller.at("a:1").state, "SHUTDOWN");
    });

    it("keeps it when it comes again", () => {
      const { controller, children, news } = startLeaving();
      children.update(endpoints("a", "b"));
      assert.equal(news.at(-1), "a READY, b CONNECTING");
      assert.equal(controller.at("a:1").state, "READY");
      assert.equal(controller.at("c:1").state, "SHUTDOWN");
    });

    it("leaves it with an empty list", () => {
      const { controller, children, news } = startLeaving();
      assert.equal(children.update([]), false);
      assert.equal(news.at(-1), "");
      for (const host of ["a", "b", "c"]) assert.equal(controller.at(`${host}:1`).state, "SHUTDOWN");
    });
  });

  it("connects when asked, if that is wanted", () => {
    const { controller, children, news } = start("when asked");
    children.update(endpoints("a", "b"));
    assert.deepEqual(news, ["a IDLE, b IDLE"]);
    assert.deepEqual(controller.takeLog(), []);
    children.children[1]?.exitIdle();
    assert.deepEqual(controller.takeLog(), ["connect b:1"]);
    controller.at("b:1").become("READY");
    controller.at("b:1").become("IDLE");
    assert.equal(news.at(-1), "a IDLE, b IDLE");
    assert.deepEqual(controller.takeLog(), ["release b:1", "resolve"]);
    children.exitIdle();
    assert.deepEqual(controller.takeLog(), ["connect a:1", "connect b:1"]);
  });

  it("keeps the connection of an endpoint that is not healthy (gRFC A17)", () => {
    const { controller, children, news } = start();
    children.update(endpoints("a"));
    controller.at("a:1").become("READY");
    controller.takeLog();
    controller.at("a:1").become("TRANSIENT_FAILURE", "a:1 is NOT_SERVING");
    assert.equal(news.at(-1), "a TRANSIENT_FAILURE");
    controller.at("a:1").become("CONNECTING");
    assert.equal(news.at(-1), "a CONNECTING");
    controller.at("a:1").become("READY");
    assert.equal(news.at(-1), "a READY");
    assert.deepEqual(controller.takeLog(), []);
  });
});
