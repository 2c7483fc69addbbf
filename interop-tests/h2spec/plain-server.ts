/** The HTTP/2 core as a plain server: whatever is asked, the answer is 200 with a body. */
import { type ByteStream, type ByteStreamSink, createNodePlatform, type ServerCredentials } from "godwit";
import { HeaderBlock } from "./core.js";
import { openPlainConnection } from "./plain-connection.js";

const platform = createNodePlatform();
const headers = new HeaderBlock([":status", "200", "content-type", "text/plain"]);
const body = Buffer.from("200 with a body\n");

function serve(stream: ByteStream): ByteStreamSink {
  const headRequests = new Set<number>();
  return openPlainConnection("server", stream, platform, (event, session) => {
    if (event.type === "data") session.releaseWindow(event.streamId, event.end - event.start);
    if (event.type === "headers" && event.headers.get(":method") === "HEAD") headRequests.add(event.streamId);
    if (event.type === "reset") headRequests.delete(event.streamId);
    if ((event.type !== "headers" && event.type !== "data") || !event.endStream) return;
    const hasBody = !headRequests.delete(event.streamId);
    session.sendHeaders(event.streamId, headers, !hasBody);
    if (hasBody) session.sendData(event.streamId, body, true);
  });
}

const onError = (error: Error): never => {
  throw error;
};

/** Serves on a free port of 127.0.0.1 and prints it. */
export async function runPlainServer({ security }: ServerCredentials): Promise<void> {
  const port0 = { transport: "tcp", host: "127.0.0.1", port: 0 } as const;
  const { address } = await platform.listen(port0, security, { onAccept: serve, onError });
  if (address.transport === "tcp") console.log(address.port);
}
