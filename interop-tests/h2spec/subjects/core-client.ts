/** The HTTP/2 core as a plain client: asks for the URL that it is given, and stays until the server goes. */
import { type ByteStream, type ByteStreamSink, createNodePlatform } from "godwit";
import { HeaderBlock } from "../core.js";
import { openPlainConnection } from "../plain-connection.js";

const platform = createNodePlatform();
const url = new URL(process.argv[2] ?? "");
const request = [":method", "GET", ":scheme", "http", ":authority", url.host, ":path", url.pathname];

function ask(stream: ByteStream): ByteStreamSink {
  let asked = false;
  return openPlainConnection("client", stream, platform, (event, session) => {
    if (event.type === "settings" && !asked) {
      asked = true;
      session.openStream(new HeaderBlock(request), true);
    }
    if (event.type === "data") session.releaseWindow(event.streamId, event.end - event.start);
    if (event.type === "goAway") session.close(0, "the server goes");
  });
}

const onError = (error: Error): never => {
  throw error;
};
const address = { transport: "tcp", host: url.hostname, port: Number(url.port) } as const;
platform.connect(address, { kind: "none" }, { onConnect: ask, onError });
