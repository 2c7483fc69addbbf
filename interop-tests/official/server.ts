/** `node interop-tests/build/official/server.js --port=10000`: TestService. Ends with SIGTERM, or when its input ends. */
import process from "node:process";
import { parseFlags, wholeNumber } from "./flags.js";
import { serverCredentials } from "./security.js";
import { startTestServer } from "./test-server.js";

const flags = parseFlags(process.argv.slice(2), {
  port: "10000",
  use_tls: "false",
  // As grpc-go has them.
  tls_cert_file: "",
  tls_key_file: "",
  // Clients need a certificate of this authority.
  client_ca_file: "",
  // As grpc-java has it; 0 for the library's default.
  max_concurrent_streams_limit: "0",
});
const limit = wholeNumber("max_concurrent_streams_limit", flags.max_concurrent_streams_limit);
const server = await startTestServer({
  port: wholeNumber("port", flags.port),
  credentials: serverCredentials(flags),
  maxConcurrentStreams: limit === 0 ? undefined : limit,
});
process.stdout.write(`listening ${server.port}\n`);

const end = (): void => void server[Symbol.asyncDispose]().then(() => process.exit(0));
process.on("SIGTERM", end);
// A terminal or a pipe; of a service it is closed from the start.
if (process.stdin.isTTY !== true) process.stdin.resume().on("end", end);
