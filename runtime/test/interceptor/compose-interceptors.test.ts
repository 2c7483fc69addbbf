import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { composeInterceptors } from "../../src/interceptor/compose-interceptors.js";
import { noCallOptions } from "../../src/rpc/call-options.js";
import type { Interceptor } from "../../src/rpc/interceptor.js";
import type { Invoker } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { echoMethod, type Text, text } from "../support/echo-service.js";
import { RecordingResponse } from "../support/recording-response.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";

describe("interceptor: composeInterceptors", () => {
  const headers = { method: echoMethod("unary"), metadata: new Metadata(), deadline: 1 };

  it("is the Invoker itself when there are none", () => {
    const invoker = new ScriptedInvoker();
    assert.equal(composeInterceptors([], invoker), invoker);
  });

  it("puts the first outermost, for requests, responses and the status", async () => {
    const order: string[] = [];
    const layer =
      (name: string): Interceptor =>
      (next) =>
      async (call) => {
        order.push(`${name} before`);
        call.mapMessage((message) => text(`${(message as Text).value}${name}`));
        const status = await next(call);
        order.push(`${name} after`);
        return status;
      };
    const invoker = new ScriptedInvoker();
    const response = new RecordingResponse();
    const stream = composeInterceptors([layer("A"), layer("B")], invoker).invoke(headers, noCallOptions, response);
    stream.send(text("-"), true);
    assert.deepEqual(invoker.call.sent, [text("-AB")]);
    invoker.call.sink.onHeaders(new Metadata());
    invoker.call.sink.onMessage(text("-"));
    invoker.call.sink.onStatus(OK);
    await setImmediate();
    assert.deepEqual(response.events, ["headers", "message -BA", "status OK"]);
    assert.deepEqual(order, ["A before", "B before", "B after", "A after"]);
  });

  it("takes raw interceptors among the others", () => {
    const invoker = new ScriptedInvoker();
    const mark = (next: Invoker): Invoker => ({
      invoke: (of, options, sink) => next.invoke({ ...of, metadata: new Metadata({ raw: "1" }) }, options, sink),
    });
    const chain = composeInterceptors([(next) => (call) => next(call), { raw: mark }], invoker);
    chain.invoke(headers, noCallOptions, new RecordingResponse());
    assert.equal(invoker.call.headers.metadata.get("raw"), "1");
  });

  it("runs the outer function of an interceptor once a chain", () => {
    let outer = 0;
    const chain = composeInterceptors(
      [
        (next) => {
          outer++;
          return (call) => next(call);
        },
      ],
      new ScriptedInvoker(),
    );
    for (let i = 0; i < 3; i++) chain.invoke(headers, noCallOptions, new RecordingResponse());
    assert.equal(outer, 1);
  });
});
