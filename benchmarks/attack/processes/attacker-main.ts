/** A process that attacks a server: `attacker-main.js ATTACK PORT`. */
import { endWithParent } from "../../macro/messages.js";
import { Attacker } from "../attacks/attacker.js";
import { attackOf } from "../attacks/index.js";
import type { Ready, ToAttacker } from "../messages.js";

endWithParent();
const [name = "", port] = process.argv.slice(2);
const create = attackOf(name);
if (create === undefined) throw new Error(`no attack is called ${name}`);
const attack = await create();
const attacker = new Attacker(Number(port));

process.on("message", (message: ToAttacker) => {
  if (message.type === "start") attacker.start(attack);
  else process.send?.(attacker.stop());
});
process.send?.({ type: "ready" } satisfies Ready);
