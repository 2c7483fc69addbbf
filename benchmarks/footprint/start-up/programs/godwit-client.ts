/** The least that a client in plaintext is: `godwit-client.js PORT`. */
import { createChannel, createClient, insecure } from "godwit";
import { EchoService } from "../../../gen/godwit/testing/v1/echo_godwit.js";
import { tell } from "./tell.js";

const imported = performance.now();
const channel = createChannel(`127.0.0.1:${process.argv[2]}`, { credentials: insecure() });
await createClient(EchoService, channel).unary({ id: "first" });
tell(imported);
