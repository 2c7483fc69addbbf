/** The server that the tools are turned on: everything that they ask for, and channels of the same process to look at. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Channel,
  type ChannelCredentials,
  createChannel,
  createClient,
  createServer,
  type Interceptor,
  insecure,
  insecureServer,
  type Server,
  type ServerCredentials,
  StatusCode,
  StatusError,
  tls,
  tlsServer,
} from "godwit";
import {
  addReflection,
  Channelz,
  createChannelzService,
  createHealthService,
  Health,
  type HealthService,
} from "godwit/services";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { echoHandlers } from "../ours/our-server.js";
import { createAuthority } from "../support/certificates.js";

/** One way to the server. */
export interface Door {
  readonly name: "plaintext" | "TLS";
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** The same server, as older servers are: of reflection it knows v1alpha alone. */
  readonly olderAddress: string;
  /** File of the certificate to trust; undefined without TLS. */
  readonly roots: string | undefined;
}

export interface Subject extends AsyncDisposable {
  readonly doors: readonly Door[];
  readonly health: HealthService;
}

export async function startSubject(): Promise<Subject> {
  const health = createHealthService();
  health.setServing(EchoService.typeName);
  const server = createSubject(health);
  const older = createSubject(health, "/grpc.reflection.v1.");
  const folder = mkdtempSync(join(tmpdir(), "godwit-tools-"));
  const roots = join(folder, "ca.pem");
  const authority = createAuthority({ commonName: "Tools CA" });
  const { chain, key } = authority.issue({ dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] });
  writeFileSync(roots, authority.certificate);
  const channels: Channel[] = [];
  const open = async (credentials: ServerCredentials, client: ChannelCredentials) => {
    const { address } = await server.listen("127.0.0.1:0", { credentials });
    const { address: olderAddress } = await older.listen("127.0.0.1:0", { credentials });
    channels.push(await callTwice(address, client));
    return { address, olderAddress };
  };
  const plain = await open(insecureServer(), insecure());
  const secure = await open(tlsServer({ certificate: chain, key }), tls({ roots: authority.certificate }));
  return {
    doors: [
      { name: "plaintext", ...plain, roots: undefined },
      { name: "TLS", ...secure, roots },
    ],
    health,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
      await Promise.all(channels.map((channel) => channel.close()));
      await Promise.all([server.close({ graceMs: 0 }), older.close({ graceMs: 0 })]);
    },
  };
}

/** Something to be counted: four messages on two streams. */
async function callTwice(address: string, credentials: ChannelCredentials): Promise<Channel> {
  const channel = createChannel(address, { credentials });
  const echo = createClient(EchoService, channel);
  await echo.unary({ id: "to be counted" });
  for await (const _ of echo.serverStream({ count: 3 }));
  return channel;
}

/** @param unknown What paths begin with that this server does not know. */
function createSubject(health: HealthService, unknown?: string): Server {
  const refuseUnknown: Interceptor = (next) => (call) => {
    if (unknown === undefined || !call.method.path.startsWith(unknown)) return next(call);
    throw new StatusError(StatusCode.UNIMPLEMENTED, `unknown method ${call.method.path}`);
  };
  const server = createServer({ interceptors: [refuseUnknown] });
  server.add(EchoService, {
    ...echoHandlers,
    unary(request, context) {
      const said = context.metadata.get("x-say");
      if (said !== undefined) context.setHeaders({ "x-echo": String(said) });
      if (request.id !== "none") return echoHandlers.unary(request, context);
      const value = { reason: "GONE", domain: "example.com" };
      throw new StatusError(StatusCode.NOT_FOUND, "no “none”", { details: [{ schema: ErrorInfoSchema, value }] });
    },
  });
  server.add(Health, health).add(Channelz, createChannelzService());
  return addReflection(server);
}
