/** A process with a server that attacks whoever calls it: `evil-main.js NAME`. */
import { endWithParent, tellParent } from "../../macro/messages.js";
import { Attacker } from "../attacks/attacker.js";
import { evils, listenEvil } from "../attacks/evil-server.js";
import type { ToAttacker } from "../messages.js";

endWithParent();
const name = process.argv[2] ?? "";
const create = evils[name];
if (create === undefined) throw new Error(`no server is called ${name}`);
const attacker = new Attacker(0);
const { server, port } = await listenEvil(await create(), attacker);

process.on("message", (message: ToAttacker) => {
  if (message.type === "start") {
    attacker.start(() => attacker.hold());
    return;
  }
  server.close();
  process.send?.(attacker.stop());
});
tellParent({ type: "listening", port });
