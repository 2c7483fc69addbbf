/** EchoService on a server of this library. */
import { startOurServer } from "../../ours/our-server.js";
import { suiteLimits } from "../suite-limits.js";

const { port } = await startOurServer({}, { limits: suiteLimits });
console.log(port);
