import assert from "node:assert/strict";
import {
  type Channel,
  type ChannelOptions,
  createChannel,
  createClient,
  createServer,
  insecure,
  type Server,
  type ServerOptions,
  type StatusCode,
  StatusError,
  statusCodeName,
} from "godwit";
import { EchoService, type EchoServiceClient, type EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";

export interface LoopbackOptions {
  /** In place of the echoing ones. */
  readonly handlers?: Partial<EchoServiceHandlers>;
  readonly server?: ServerOptions;
  readonly channel?: ChannelOptions;
  /** Where the server listens. Default: a free port of 127.0.0.1. */
  readonly address?: string;
}

/** A server and a channel to it over real sockets. Disposing of it ends every call at once. */
export interface Loopback extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly address: string;
  readonly channel: Channel;
  readonly echo: EchoServiceClient;
  /** What onError heard: the errors of handlers. */
  readonly errors: unknown[];
  /** Another channel to the same server, over connections of its own; it is closed with this. */
  connect(options?: ChannelOptions): { readonly channel: Channel; readonly echo: EchoServiceClient };
}

export async function openLoopback(options: LoopbackOptions = {}): Promise<Loopback> {
  const errors: unknown[] = [];
  const server = createServer({ onError: (error) => errors.push(error), ...options.server });
  server.add(EchoService, { ...echoHandlers, ...options.handlers });
  const { port, address } = await server.listen(options.address ?? "127.0.0.1:0");
  const channels: Channel[] = [];
  const connect = (channelOptions: ChannelOptions = {}) => {
    const channel = createChannel(address, { credentials: insecure(), ...channelOptions });
    channels.push(channel);
    return { channel, echo: createClient(EchoService, channel) };
  };
  const { channel, echo } = connect(options.channel);
  const dispose = async (): Promise<void> => {
    await Promise.all(channels.map((each) => each.close()));
    await server.close({ graceMs: 0 });
  };
  const connectApart = (channelOptions?: ChannelOptions) => connect({ shareConnections: false, ...channelOptions });
  return { server, port, address, channel, echo, errors, connect: connectApart, [Symbol.asyncDispose]: dispose };
}

export const echoHandlers: EchoServiceHandlers = {
  unary: ({ id, payload, responseSize }) => ({
    id,
    payload: responseSize > 0 ? new Uint8Array(responseSize) : payload,
  }),

  *serverStream({ count, size }) {
    const payload = new Uint8Array(size);
    for (let index = 0; index < count; index++) yield { index, payload };
  },

  async clientStream(requests) {
    let messages = 0;
    let bytes = 0n;
    for await (const { payload } of requests) {
      messages++;
      bytes += BigInt(payload.length);
    }
    return { messages, bytes };
  },

  async *bidi(requests) {
    for await (const { index, payload } of requests) yield { index, payload };
  },
};

/** A promise that is settled from outside: how a test awaits an event. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T = void>(): Deferred<T> {
  let settle: ((value: T) => void) | undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle?.(value) };
}

/** The StatusError that a call ends with; fails the test when it has another code, or there is none. */
export async function failureOf(call: Promise<unknown>, code: StatusCode): Promise<StatusError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, `expected ${statusCodeName(code)}, got ${String(error)}`);
  assert.equal(statusCodeName(error.code), statusCodeName(code), error.message);
  return error;
}

/** Reads a stream to its end. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

/** Never gives a message, and resolves `waiting` when it is asked for one. Ends when it is left. */
export function silentSource(): { readonly source: AsyncIterable<never>; readonly left: Promise<void> } {
  const left = deferred();
  const source: AsyncIterable<never> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        left.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
  return { source, left: left.promise };
}
