import { join } from "node:path";

/** What to paste into a server and a client. */
export function codeLines(folder: string, isMutual: boolean): string {
  const path = (name: string): string => JSON.stringify(join(folder, name));
  const server = [`certificate: ${path("server.crt")}`, `key: ${path("server.key")}`];
  const client = [`roots: ${path("ca.crt")}`];
  if (isMutual) {
    server.push(`roots: ${path("ca.crt")}`);
    client.unshift(`certificate: ${path("client.crt")}`, `key: ${path("client.key")}`);
  }
  const require = isMutual ? '\n      clientCertificate: "require",' : "";
  return `
server:
  await server.listen("localhost:50051", {
    credentials: tlsServer({
      provider: certificateFiles({ ${server.join(", ")} }),${require}
    }),
  });
client:
  const channel = createChannel("localhost:50051", {
    credentials: tls({
      provider: certificateFiles({ ${client.join(", ")} }),
    }),
  });`;
}
