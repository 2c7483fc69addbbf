/** Suites for a mocha of their own, which leak-hooks.test.ts runs: some leave something behind. */
import { createServer, type Server } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { HandlerContext } from "godwit";
import { type Loopback, openLoopback } from "../e2e/loopback.js";

const kept: unknown[] = [];

async function listen(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe("a server and two timers", () => {
  it("are forgotten", async () => {
    await listen();
    setTimeout(() => {}, 60_000);
    setTimeout(() => {}, 60_000);
  });
});

describe("all that is closed", () => {
  it("is not left behind, nor is what another suite left", async () => {
    const server = await listen();
    server.close();
    await using loopback = await openLoopback();
    await loopback.echo.unary({ id: "1" });
  });
});

describe("a socket", () => {
  it("is forgotten that does not keep the process alive", async () => {
    const server = await listen();
    server.unref();
  });
});

describe("a call", () => {
  // A variable of the suite is no leak: it goes with the suite.
  let loopback: Loopback;
  const unary = (_: unknown, context: HandlerContext) => {
    kept.push(context);
    return {};
  };

  it("is kept by its handler's context", async () => {
    loopback = await openLoopback({ handlers: { unary } });
    await loopback.echo.unary({ id: "1" });
    await loopback.echo.unary({ id: "2" });
    await loopback[Symbol.asyncDispose]();
    await setImmediate();
  });
});
