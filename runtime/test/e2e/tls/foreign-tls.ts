import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from "node:tls";

/** A server that is not ours. */
export interface ForeignServer extends AsyncDisposable {
  readonly port: number;
  /** What it says of handshakes that failed. */
  readonly errors: string[];
}

/** Node's own HTTP/2 over its own TLS: answers every call with UNIMPLEMENTED, which shows that it came. */
export async function openNodeServer(options: TlsOptions): Promise<ForeignServer> {
  const server = createSecureServer(options);
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "12" }, { endStream: true });
  });
  return serve(server);
}

/** TLS of Node's, and nothing in it. */
export function openBareServer(options: TlsOptions): Promise<ForeignServer> {
  return serve(createServer(options));
}

export async function serve(server: Server): Promise<ForeignServer> {
  const errors: string[] = [];
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  server.on("secureConnection", (socket: TLSSocket) => socket.on("error", () => undefined));
  server.on("sessionError", () => undefined);
  server.on("tlsClientError", (error: Error) => errors.push(error.message));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const dispose = async (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  };
  return { port, errors, [Symbol.asyncDispose]: dispose };
}

/** How the connection of Node's TLS client to a port went. */
export interface NodeClientResult {
  readonly secure: boolean;
  readonly protocol: string | null;
  readonly alpn: string | false | null;
  readonly received: Buffer;
  readonly error: Error | undefined;
}

/** Connects, waits for the first bytes or the end, and leaves. */
export async function connectNode(port: number, options: ConnectionOptions): Promise<NodeClientResult> {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  const chunks: Buffer[] = [];
  let secure = false;
  let protocol: string | null = null;
  let alpn: string | false | null = null;
  let error: Error | undefined;
  socket.on("secureConnect", () => {
    secure = true;
    protocol = socket.getProtocol();
    alpn = socket.alpnProtocol;
  });
  socket.on("error", (reason) => {
    error ??= reason;
  });
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    // What belongs together comes in one record here.
    socket.end();
  });
  socket.on("end", () => socket.end());
  await new Promise((resolve) => socket.on("close", resolve));
  return { secure, protocol, alpn, received: Buffer.concat(chunks), error };
}

/** OpenSSL's command line, which sends the alerts that Node does not. */
export async function openOpensslServer(args: readonly string[]): Promise<ForeignServer> {
  const child = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", ...args], { stdio: "pipe" });
  const errors: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const port = await portOf(child);
  const dispose = async (): Promise<void> => {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  };
  return { port, errors, [Symbol.asyncDispose]: dispose };
}

/** "ACCEPT 127.0.0.1:41234", on stdout. */
function portOf(child: ChildProcess): Promise<number> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => reject(new Error(`openssl said no port: ${said}`)));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const port = /ACCEPT [^\n]*:(\d+)\n/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}
