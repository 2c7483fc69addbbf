import { createServer, insecureServer, type ServerCredentials, type ServerOptions, tlsServer } from "godwit";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { certificatesOfRun } from "../certificates-of-run.js";
import { echoHandlers } from "./echo-handlers.js";
import type { SubjectServer } from "./subject.js";

function credentialsOfRun(): ServerCredentials {
  const certificates = certificatesOfRun();
  if (certificates === undefined) return insecureServer();
  const { certificate, key } = certificates;
  return tlsServer({ certificate, key });
}

export function createGodwitServer(options: ServerOptions = {}): SubjectServer {
  const server = createServer(options).add(EchoService, echoHandlers);
  return {
    listen: async () => (await server.listen("127.0.0.1:0", { credentials: credentialsOfRun() })).port,
    close: () => server.close({ graceMs: 0 }),
  };
}
