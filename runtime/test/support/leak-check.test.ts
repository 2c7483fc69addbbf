import assert from "node:assert/strict";
import { createServer } from "node:net";
import { assertNoLeaks, snapshotResources } from "./leak-check.js";

describe("the leak check", () => {
  it("is content when nothing was left, also while a handle is still closing", async () => {
    const before = await snapshotResources();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.close();
    await assertNoLeaks(before);
    assert.equal(server.listening, false);
  });

  it("finds a server and a timer that hold the process, and no timer that does not", async () => {
    const before = await snapshotResources();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const timer = setTimeout(() => {}, 60_000);
    const loose = setTimeout(() => {}, 60_000).unref();
    await assert.rejects(assertNoLeaks(before), (error: assert.AssertionError) => {
      assert.deepEqual([...(error.actual as string[])].sort(), ["TCPServerWrap +1", "Timeout +1"]);
      return true;
    });
    clearTimeout(timer);
    clearTimeout(loose);
    server.close();
    await assertNoLeaks(before);
  });
});
