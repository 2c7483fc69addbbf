import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { ProxyReply } from "./proxy-reply.js";
import { hostPortLabel } from "./system-error.js";

/** Where a tunnel leads: a TCP address with a proxy on its way. */
export interface TunnelEnd {
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization: printable ASCII. */
  readonly authorization: string | undefined;
}

/**
 * Asks a proxy for a tunnel over a socket that has just been connected to it (gRFC A1). `onOpen` gets the socket as the
 * server's: what the server has said already is in it. `onFailure` gets one clause about the proxy. One of them is called,
 * once, unless the socket is destroyed or breaks before: whoever owns it listens for that.
 */
export function openTunnel(
  socket: Socket,
  end: TunnelEnd,
  onOpen: () => void,
  onFailure: (clause: string) => void,
): void {
  const reply = new ProxyReply(secretOf(end.authorization));
  const stop = (): void => {
    socket.off("data", onData);
    socket.off("end", onEnd);
  };
  const onData = (chunk: Buffer): void => {
    const result = reply.push(chunk);
    if (result === "more") return;
    stop();
    if ("error" in result) {
      onFailure(result.error);
      return;
    }
    socket.pause();
    if (result.rest.length > 0) socket.unshift(result.rest);
    onOpen();
    socket.resume();
  };
  const onEnd = (): void => {
    stop();
    onFailure("closed the connection before it had answered CONNECT");
  };
  socket.on("data", onData);
  socket.on("end", onEnd);
  socket.write(connectRequest(end));
}

/** Without its scheme: `Basic`, `Bearer`. */
function secretOf(authorization = ""): string {
  return authorization.slice(authorization.lastIndexOf(" ") + 1);
}

function connectRequest({ host, port, authorization }: TunnelEnd): Buffer {
  const authority = hostPortLabel(host, port);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (authorization !== undefined) lines.push(`Proxy-Authorization: ${authorization}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
