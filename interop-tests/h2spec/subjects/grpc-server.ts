/** EchoService on a server of this library. */
import { startOurServer } from "../../ours/our-server.js";

const { port } = await startOurServer();
console.log(port);
