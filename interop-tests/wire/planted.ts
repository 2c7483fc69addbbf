/** A fault for tshark to find: behind a good preface a frame of WINDOW_UPDATE whose increment is cut short. */
import { once } from "node:events";
import { connect } from "node:net";
import { startOurServer } from "../ours/our-server.js";

const frame = (type: number, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0, 0, payload.length, type, 0, 0, 0, 0, 0]), payload]);

await using server = await startOurServer();
const socket = connect(server.port, "127.0.0.1").resume();
socket.end(
  Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, Buffer.of()), frame(8, Buffer.of(0, 1))]),
);
await once(socket, "close");
