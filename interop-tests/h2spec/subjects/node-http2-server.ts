/** node:http2 as a plain server, for comparison: whatever is asked, the answer is 200 with a body. */
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";

const server = createServer((_request, response) => response.end("200 with a body\n"));
server.listen(0, "127.0.0.1");
await once(server, "listening");
console.log((server.address() as AddressInfo).port);
