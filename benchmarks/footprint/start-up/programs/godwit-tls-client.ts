/** The same over TLS. */
import { createChannel, createClient, tls } from "godwit";
import { EchoService } from "../../../gen/godwit/testing/v1/echo_godwit.js";
import { pem, tell } from "./tell.js";

const imported = performance.now();
const channel = createChannel(`127.0.0.1:${process.argv[2]}`, { credentials: tls({ roots: pem("ROOTS") }) });
await createClient(EchoService, channel).unary({ id: "first" });
tell(imported);
