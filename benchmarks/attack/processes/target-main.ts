/** A process with one server that is attacked: `target-main.js SUBJECT`. */
import { endWithParent, tellParent } from "../../macro/messages.js";
import { createGodwitServer } from "../../macro/subjects/godwit-server.js";
import { createGrpcJsServer } from "../../macro/subjects/grpc-js-server.js";
import type { ToTarget } from "../messages.js";
import { VitalsMeter } from "./vitals-meter.js";

endWithParent();
const server = process.argv[2] === "godwit" ? createGodwitServer() : createGrpcJsServer();
const meter = new VitalsMeter();
process.on("message", (message: ToTarget) => process.send?.(meter.answer(message)));
tellParent({ type: "listening", port: await server.listen() });
