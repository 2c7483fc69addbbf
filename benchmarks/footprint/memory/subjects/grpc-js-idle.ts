import * as grpc from "@grpc/grpc-js";
import { certificatesOfRun } from "../../../macro/certificates-of-run.js";
import { echoService, type IndexedMessage, type UnaryMessage } from "../../../macro/subjects/grpc-js-echo.js";
import type { Connect, IdleConnection, IdleStream } from "./idle-client.js";

interface EchoClient extends grpc.Client {
  unary(request: UnaryMessage, callback: grpc.requestCallback<UnaryMessage>): grpc.ClientUnaryCall;
  bidi(): grpc.ClientDuplexStream<IndexedMessage, IndexedMessage>;
}

const Client = grpc.makeGenericClientConstructor(echoService, "EchoService");
const payload = Buffer.alloc(64, 0x5a);

export function grpcJsConnect(port: number): Connect {
  const certificates = certificatesOfRun();
  const credentials =
    certificates === undefined
      ? grpc.credentials.createInsecure()
      : grpc.credentials.createSsl(Buffer.from(certificates.roots));
  return () => new GrpcJsConnection(port, credentials);
}

class GrpcJsConnection implements IdleConnection {
  readonly #echo: EchoClient;

  constructor(port: number, credentials: grpc.ChannelCredentials) {
    // Without it all channels of the process would share one connection.
    const options: grpc.ClientOptions = { "grpc.use_local_subchannel_pool": 1 };
    this.#echo = new Client(`127.0.0.1:${port}`, credentials, options) as unknown as EchoClient;
  }

  call(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#echo.unary({ id: "1", payload }, (error, response) => {
        if (error !== null) reject(error);
        else if (response?.id !== "1") reject(new Error(`the answer's id is ${response?.id}, expected 1`));
        else resolve();
      });
    });
  }

  async openStream(): Promise<IdleStream> {
    const stream = new GrpcJsStream(this.#echo.bidi());
    await stream.exchange();
    return stream;
  }

  async close(): Promise<void> {
    this.#echo.close();
  }
}

class GrpcJsStream implements IdleStream {
  readonly #call: grpc.ClientDuplexStream<IndexedMessage, IndexedMessage>;
  #onAnswer: ((index: number) => void) | undefined;

  constructor(call: grpc.ClientDuplexStream<IndexedMessage, IndexedMessage>) {
    this.#call = call;
    call.on("data", ({ index }: IndexedMessage) => this.#onAnswer?.(index));
    call.on("error", (error) => {
      throw error;
    });
  }

  exchange(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onAnswer = (index) => {
        this.#onAnswer = undefined;
        if (index === 1) resolve();
        else reject(new Error("the stream did not answer"));
      };
      this.#call.write({ index: 1, payload });
    });
  }
}
