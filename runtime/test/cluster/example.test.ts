import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runChild } from "../support/child-process.js";

const example = fileURLToPath(new URL("../../../../examples/build/cluster.js", import.meta.url));
const godwit = JSON.stringify(import.meta.resolve("godwit"));
const stubs = JSON.stringify(new URL("../../../../examples/build/gen/godwit/demo/v1/shop_godwit.js", import.meta.url));

describe("cluster: the shop of examples/", function () {
  this.timeout(20_000);

  it("opens on all cores, sells, and closes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "godwit-shop-"));
    const address = `unix:${join(folder, "shop.sock")}`;
    const shop = spawn(process.execPath, [example, address], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(shop, "close");
    const lines = createInterface(shop.stdout)[Symbol.asyncIterator]();
    try {
      assert.match((await lines.next()).value ?? "", /^worker 1 \(pid \d+\) serves$/);
      const { output } = await runChild(`
        import { createChannel, createClient, insecure } from ${godwit};
        import { ShopService } from ${stubs};
        const shop = createClient(ShopService, createChannel(${JSON.stringify(address)}, { credentials: insecure() }));
        console.log((await shop.getItem({ id: "kettle" })).item.name);`);
      assert.equal(output, "Kettle, 1.7 l\n");
    } finally {
      shop.kill("SIGTERM");
    }
    let last = "";
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) last = line.value;
    assert.equal(last, "the shop is closed");
    assert.deepEqual(await ended, [0, null]);
    rmSync(folder, { recursive: true });
  });
});
