/**
 * The shop on all cores: `node examples/build/cluster.js 127.0.0.1:50051`. SIGHUP restarts its workers one after the other, SIGTERM ends
 * them, and no call fails.
 */
import { runWorkers } from "godwit/cluster";

const [address = "127.0.0.1:50051"] = process.argv.slice(2);
const say = (_fields: object, message: string): void => console.log(message);

await runWorkers({
  logger: { debug: say, info: say, warn: say, error: say },
  // Only workers load the shop, and a restart loads it anew.
  async start() {
    const { createServer, insecureServer } = await import("godwit");
    const { ShopService } = await import("./gen/godwit/demo/v1/shop_godwit.js");
    const { Shop } = await import("./shop.js");
    const server = createServer();
    server.add(ShopService, new Shop());
    await server.listen(address, { credentials: insecureServer() });
    return server;
  },
});
console.log("the shop is closed");
