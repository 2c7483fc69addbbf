import assert from "node:assert/strict";
import { noCallOptions } from "../../../src/rpc/call-options.js";
import { noDeadline } from "../../../src/rpc/deadline.js";
import type { HandlerContext } from "../../../src/rpc/handler-context.js";
import { LoadRecorder } from "../../../src/rpc/load-recorder.js";
import type { LoadReport } from "../../../src/rpc/load-report.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { HandlerInvoker, type HandlerSettings } from "../../../src/server/call/handler-invoker.js";
import { ServiceRegistry } from "../../../src/server/service-registry.js";
import { loadReportOf } from "../../../src/wire/load-report.js";
import { Echo, echoMethod, type Text, text } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { RecordingResponse } from "../../support/recording-response.js";

type Handler = (request: Text, context: HandlerContext) => Text;

function settingsWith(loadRecorder: LoadRecorder | undefined): HandlerSettings {
  return { platform: new FakePlatform(), maxConcurrentCalls: 10, loadRecorder };
}

/** The trailers of one call that `handler` answers. */
function trailersOf(handler: Handler, recorder?: LoadRecorder): Metadata | undefined {
  const registry = new ServiceRegistry();
  registry.add(Echo, { unary: handler }, true);
  const response = new RecordingResponse();
  const invoker = new HandlerInvoker(registry, () => assert.fail("no error"), settingsWith(recorder));
  const headers = { method: echoMethod("unary"), metadata: new Metadata(), deadline: noDeadline };
  const stream = invoker.invoke(headers, noCallOptions, response);
  stream.pull(1);
  stream.send(text("a"), true);
  return response.status?.trailers;
}

function reportOf(handler: Handler, recorder?: LoadRecorder): LoadReport | undefined {
  return loadReportOf(trailersOf(handler, recorder));
}

describe("server: load reports with calls (gRFC A51)", () => {
  it("are not sent where nobody says anything", () => {
    assert.equal(
      trailersOf((request) => request),
      undefined,
    );
    const asks: Handler = (request, { loadReport }) => {
      loadReport.setCpuUtilization(undefined);
      return request;
    };
    assert.equal(trailersOf(asks, new LoadRecorder()), undefined, "asked for, and nothing written down");
  });

  it("are what the handler wrote down, beside its trailers", () => {
    const trailers = trailersOf((request, { loadReport, trailers }) => {
      loadReport.setQps(10).setRequestCost("rows", 3);
      trailers.set("own", "1");
      return request;
    });
    assert.equal(trailers?.get("own"), "1");
    const report = loadReportOf(trailers);
    assert.equal(report?.qps, 10);
    assert.deepEqual(report?.requestCost, new Map([["rows", 3]]));
  });

  it("are what the server says, with every call", () => {
    const recorder = new LoadRecorder().setCpuUtilization(0.5).setQps(100);
    assert.equal(reportOf((request) => request, recorder)?.cpuUtilization, 0.5);
    recorder.setCpuUtilization(0.75);
    assert.equal(reportOf((request) => request, recorder)?.cpuUtilization, 0.75);
  });

  it("are the handler's before the server's", () => {
    const recorder = new LoadRecorder().setCpuUtilization(0.5).setQps(100);
    const report = reportOf((request, { loadReport }) => {
      loadReport.setQps(7);
      return request;
    }, recorder);
    assert.deepEqual([report?.cpuUtilization, report?.qps], [0.5, 7]);
  });

  it("are sent with calls that fail, too", () => {
    const registry = new ServiceRegistry();
    const handler: Handler = (_request, { loadReport }) => {
      loadReport.setQps(7);
      throw new Error("no");
    };
    registry.add(Echo, { unary: handler }, true);
    const response = new RecordingResponse();
    const invoker = new HandlerInvoker(registry, () => {}, settingsWith(undefined));
    const headers = { method: echoMethod("unary"), metadata: new Metadata(), deadline: noDeadline };
    invoker.invoke(headers, noCallOptions, response).send(text("a"), true);
    assert.equal(loadReportOf(response.status?.trailers)?.qps, 7);
  });
});
