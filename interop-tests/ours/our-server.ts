/** EchoService on a server of this library, on a port of its own. */
import { createServer, type Server, type ServerOptions, StatusCode, StatusError } from "godwit";
import { EchoService, type EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";

export interface OurServer extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
}

/** Starts a server that echoes, but for the handlers given. Disposing of it ends every call at once. Port 0: a free one. */
export async function startOurServer(
  handlers: Partial<EchoServiceHandlers> = {},
  options: ServerOptions = {},
  wantedPort = 0,
): Promise<OurServer> {
  const server = createServer(options);
  server.add(EchoService, { ...echoHandlers, ...handlers });
  const { port } = await server.listen(`127.0.0.1:${wantedPort}`);
  return {
    port,
    server,
    [Symbol.asyncDispose]: () => server.close({ graceMs: 0 }),
  };
}

export const echoHandlers: EchoServiceHandlers = {
  unary({ id, payload, responseSize, failWithCode, failWithMessage }) {
    if (failWithCode !== StatusCode.OK) throw new StatusError(failWithCode as StatusCode, failWithMessage);
    return { id, payload: responseSize > 0 ? new Uint8Array(responseSize) : payload };
  },

  *serverStream({ count, size, failWithCode }) {
    const payload = new Uint8Array(size);
    for (let index = 0; index < count; index++) yield { index, payload };
    if (failWithCode !== StatusCode.OK) {
      throw new StatusError(failWithCode as StatusCode, `failed behind ${count} messages`);
    }
  },

  async clientStream(requests) {
    let messages = 0;
    let bytes = 0;
    for await (const { payload } of requests) {
      messages++;
      bytes += payload.length;
    }
    return { messages, bytes: BigInt(bytes) };
  },

  async *bidi(requests) {
    for await (const { index, payload } of requests) yield { index, payload };
  },
};
