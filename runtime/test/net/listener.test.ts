import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect as netConnect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, ByteStream, Listener } from "../../src/base/platform.js";
import type { NoSecurity, ServerSecurity } from "../../src/base/tls.js";
import { createNodePlatform } from "../../src/net/node-platform.js";
import { runChild } from "../support/child-process.js";
import { RecordingSink } from "../support/recording-sink.js";

const plain: NoSecurity = { kind: "none" };
const loopback: Address = { transport: "tcp", host: "127.0.0.1", port: 0 };
const platform = createNodePlatform();
const platformModule = new URL("../../src/net/node-platform.js", import.meta.url).href;

function listen(address: Address, onAccept?: (stream: ByteStream) => void): Promise<Listener> {
  return platform.listen(address, plain, {
    onAccept(stream) {
      onAccept?.(stream);
      return new RecordingSink();
    },
    onError: (error) => assert.fail(error.message),
  });
}

/** Whether somebody accepts there. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = netConnect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

describe("listen", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-"));
    path = join(folder, "x.sock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("tells the port that it got", async () => {
    const listener = await listen(loopback);
    assert.equal(listener.address.transport, "tcp");
    assert.ok(listener.address.transport === "tcp" && listener.address.port > 0);
    assert.ok(listener.address.transport === "tcp" && listener.address.host === "127.0.0.1");
    await listener.close();
  });

  it("says that the port is in use, and gives it up on close", async () => {
    const listener = await listen(loopback);
    const { address } = listener;
    const port = address.transport === "tcp" ? address.port : 0;
    await assert.rejects(listen(address), {
      message: `cannot listen on 127.0.0.1:${port}: the port is in use (EADDRINUSE)`,
    });
    const closing = listener.close();
    assert.equal(listener.close(), closing);
    await closing;
    const second = await listen(address);
    await second.close();
  });

  const wrong: readonly [Address, string][] = [
    [
      { transport: "tcp", host: "127.0.0.1", port: 70000 },
      "cannot listen on 127.0.0.1:70000: port is 70000, limit 65535",
    ],
    [{ transport: "inproc", name: "shop" }, "cannot listen on inproc:shop: an in-process address has no byte stream"],
    [
      { transport: "tcp", host: "192.0.2.1", port: 0 },
      "cannot listen on 192.0.2.1:0: the address does not belong to this host (EADDRNOTAVAIL)",
    ],
  ];
  for (const [address, sentence] of wrong) {
    it(sentence, () => assert.rejects(listen(address), { message: sentence }));
  }

  it("refuses a security that it does not know", async () => {
    const listening = platform.listen(loopback, { kind: "quantum" } as unknown as ServerSecurity, {
      onAccept: () => new RecordingSink(),
      onError: () => {},
    });
    await assert.rejects(listening, {
      message: 'cannot listen on 127.0.0.1:0: security is "quantum", expected "none" or "tls"',
    });
  });

  it("keeps accepted streams when it closes", async () => {
    let server: ByteStream | undefined;
    const accepted = new Promise<void>((resolve) => {
      void listen(loopback, (stream) => {
        server = stream;
        resolve();
      }).then(async (made) => {
        const port = made.address.transport === "tcp" ? made.address.port : 0;
        netConnect(port, "127.0.0.1")
          .setEncoding("utf8")
          .on("data", (text) => heard(text));
        await accepted;
        await made.close();
        server?.write([Buffer.from("still here")]);
      });
    });
    let heard = (_text: unknown): void => {};
    const text = await new Promise((resolve) => {
      heard = resolve;
    });
    assert.equal(text, "still here");
    server?.destroy();
  });

  it("removes the unix socket's file on close", async () => {
    const listener = await listen({ transport: "unix", path });
    assert.deepEqual(listener.address, { transport: "unix", path });
    assert.equal(existsSync(path), true);
    await listener.close();
    assert.equal(existsSync(path), false);
  });

  it("takes the place of a unix socket that nobody answers any more", async () => {
    const crashed = await runChild(
      `import { createServer } from "node:net";
       createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"));`,
    );
    assert.equal(crashed.exitCode, null);
    assert.equal(existsSync(path), true);
    const listener = await listen({ transport: "unix", path }, (stream) => stream.destroy());
    assert.equal(await isAnswered(path), true);
    await listener.close();
  });

  it("leaves a unix socket alone that somebody answers", async () => {
    const listener = await listen({ transport: "unix", path }, (stream) => stream.destroy());
    await assert.rejects(listen({ transport: "unix", path }), {
      message: `cannot listen on unix:${path}: another listener answers there (EADDRINUSE)`,
    });
    assert.equal(await isAnswered(path), true);
    await listener.close();
  });

  it("never deletes an ordinary file or a link", async () => {
    writeFileSync(path, "precious");
    const link = join(folder, "link.sock");
    symlinkSync(path, link);
    for (const place of [path, link]) {
      await assert.rejects(listen({ transport: "unix", path: place }), {
        message: `cannot listen on unix:${place}: there is a file, and it is not a socket (EADDRINUSE)`,
      });
    }
    assert.equal(readFileSync(path, "utf8"), "precious");
    assert.equal(existsSync(link), true);
  });

  it("says that a folder is missing", async () => {
    const place = join(folder, "none", "x.sock");
    await assert.rejects(listen({ transport: "unix", path: place }), {
      message: `cannot listen on unix:${place}: its folder does not exist or may not be written (EACCES)`,
    });
  });

  it("R105 grpc-core CVE-2023-4785: survives that no file is left to accept with, and accepts again afterwards (Windows has no limit of files to set)", async function () {
    if (process.platform === "win32") this.skip();
    const result = await runChild(
      `import { createNodePlatform } from ${JSON.stringify(platformModule)};
       import { openSync, closeSync } from "node:fs";
       const platform = createNodePlatform();
       let accepted = 0;
       const sink = { onData() {}, onDrain() {}, onEnd() {}, onClose() {} };
       const listener = await platform.listen({ transport: "tcp", host: "127.0.0.1", port: 0 }, { kind: "none" }, {
         onAccept(stream) { accepted++; stream.keepAlive(false); return sink; },
         onError() {},
       });
       const attempt = () => new Promise((resolve) => {
         platform.connect(listener.address, { kind: "none" }, {
           onConnect(stream) {
             const settle = () => { stream.destroy(); resolve(); };
             setTimeout(settle, 50);
             return sink;
           },
           onError: resolve,
         });
       });
       const taken = [];
       try { for (;;) taken.push(openSync("/dev/null")); } catch {}
       closeSync(taken.pop());
       await attempt();
       console.log("without files", accepted);
       for (const file of taken) closeSync(file);
       await attempt();
       console.log("with files", accepted);
       await listener.close();`,
      "ulimit -n 60;",
    );
    assert.deepEqual(result, { exitCode: 0, output: "without files 0\nwith files 1\n", errors: "" });
  });

  it("tells once each time that the last file went to a connection, and accepts again when one is free (Windows has no limit of files to set)", async function () {
    if (process.platform === "win32") this.skip();
    const result = await runChild(
      `import { createNodePlatform } from ${JSON.stringify(platformModule)};
       import { openSync, closeSync } from "node:fs";
       import { setTimeout } from "node:timers/promises";
       const platform = createNodePlatform();
       const streams = [];
       const told = [];
       let onEvent;
       const sink = { onData() {}, onDrain() {}, onEnd() { onEvent(); }, onClose() {} };
       const listener = await platform.listen({ transport: "tcp", host: "127.0.0.1", port: 0 }, { kind: "none" }, {
         onAccept(stream) { streams.push(stream); setImmediate(() => setImmediate(onEvent)); return sink; },
         onError(error) { told.push(error.message.replace(/\\d+:/, "").replace(/on [^ ]+/, "on here:")); },
       });
       // Settles when the connection was accepted, or was closed instead.
       const connect = () => new Promise((resolve) => {
         onEvent = resolve;
         platform.connect(listener.address, { kind: "none" }, {
           onConnect(stream) { streams.push(stream); return sink; },
           onError(error) { told.push(error.message); resolve(); },
         });
       });
       const say = (what) => { console.log(what, streams.length, told.length); };
       let taken = [];
       const take = () => { try { for (;;) taken.push(openSync("/dev/null")); } catch {} };
       const free = (count) => { for (const file of taken.splice(0, count)) closeSync(file); };
       for (let round = 0; round < 2; round++) {
         take();
         free(2);
         await connect();
         say("one file for each end");
         free(1);
         await connect();
         say("one file for the client");
         free(1000);
         await connect();
         say("files for all");
       }
       console.log([...new Set(told)].join());
       for (const stream of streams) stream.destroy();
       await listener.close();`,
      "ulimit -n 60;",
    );
    const output = [
      "one file for each end 2 1",
      "one file for the client 3 1",
      "files for all 5 1",
      "one file for each end 7 2",
      "one file for the client 8 2",
      "files for all 10 2",
      "cannot accept on here: this process has too many open files (EMFILE)",
      "",
    ];
    assert.deepEqual(result, { exitCode: 0, output: output.join("\n"), errors: "" });
  });
});
