import {
  type Channel,
  type ChannelOptions,
  createChannel,
  createClient,
  createServer,
  type ListenOptions,
  type Peer,
  type Server,
  type ServerOptions,
  type TlsChannelOptions,
  type TlsServerOptions,
  tls,
  tlsServer,
} from "godwit";
import {
  EchoService,
  type EchoServiceClient,
  type EchoServiceHandlers,
} from "../../gen/godwit/testing/v1/echo_godwit.js";
import { sharedAuthority } from "../../support/certificates.js";
import { deferred, echoHandlers } from "../loopback.js";

/** Whom the servers of these tests are for, unless a test says otherwise. */
export const serverName = "api.internal";
export const authority = sharedAuthority();
export const good = authority.issue({ dnsNames: [serverName], ipAddresses: ["127.0.0.1"] });
export const goodClient = authority.issue({ commonName: "shop", uris: ["spiffe://prod.example/shop"] });

/** Certificate and key as both kinds of credentials take them. */
export function identity({ chain, key }: { readonly chain: string; readonly key: string }): {
  readonly certificate: string;
  readonly key: string;
} {
  return { certificate: chain, key };
}

export interface SecureLoopback extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** What onConnectionError heard. */
  readonly refusals: string[];
  /** The first of them, as soon as it is there. */
  readonly refusal: Promise<string>;
  /** Of each call, in the order in which they came. */
  readonly peers: Peer[];
  /** A channel of its own, closed with this. */
  connect(credentials?: TlsChannelOptions, options?: ChannelOptions): SecureClient;
}

export interface SecureClient {
  readonly channel: Channel;
  readonly echo: EchoServiceClient;
}

export interface SecureServerOptions {
  readonly credentials?: Partial<TlsServerOptions>;
  readonly server?: ServerOptions;
  readonly listen?: ListenOptions;
  readonly handlers?: Partial<EchoServiceHandlers>;
}

/** A server with TLS, on a free port of this host. */
export async function openSecure(options: SecureServerOptions = {}): Promise<SecureLoopback> {
  const refusals: string[] = [];
  const peers: Peer[] = [];
  const refusal = deferred<string>();
  const onConnectionError = ({ message }: Error): void => {
    refusals.push(message);
    refusal.resolve(message);
  };
  const server = createServer({ onConnectionError, ...options.server });
  const unary: EchoServiceHandlers["unary"] = (request, context) => {
    peers.push(context.peer);
    return echoHandlers.unary(request, context);
  };
  server.add(EchoService, { ...echoHandlers, unary, ...options.handlers });
  const material = options.credentials?.provider === undefined && options.credentials?.pfx === undefined;
  const credentials = tlsServer({ ...(material ? identity(good) : {}), ...options.credentials });
  const { port } = await server.listen("127.0.0.1:0", { credentials, ...options.listen });
  const clients: SecureClient[] = [];
  const connect = (given: TlsChannelOptions = {}, channelOptions: ChannelOptions = {}): SecureClient => {
    const client = openClient(port, given, channelOptions);
    clients.push(client);
    return client;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(clients.map(({ channel }) => channel.close()));
    await server.close({ graceMs: 0 });
  };
  return { server, port, refusals, refusal: refusal.promise, peers, connect, [Symbol.asyncDispose]: dispose };
}

/** A channel that asks whoever listens on the port to be `serverName`. */
export function openClient(
  port: number,
  given: TlsChannelOptions = {},
  { target = `127.0.0.1:${port}`, ...options }: ChannelOptions & { readonly target?: string } = {},
): SecureClient {
  const roots = given.provider === undefined ? { roots: authority.certificate } : {};
  const channel = createChannel(target, {
    credentials: tls({ ...roots, ...given }),
    authority: serverName,
    // A refused connection is a refused call, and not three.
    retry: false,
    ...options,
  });
  return { channel, echo: createClient(EchoService, channel) };
}
