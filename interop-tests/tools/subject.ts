/** The server that the tools are turned on: everything that they ask for, and a channel of the same process to look at. */
import {
  createChannel,
  createClient,
  createServer,
  type Interceptor,
  insecure,
  type ListeningAddress,
  type Server,
  StatusCode,
  StatusError,
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

export interface Subject extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** The same server, as older servers are: of reflection it knows v1alpha alone. */
  readonly olderAddress: string;
  readonly health: HealthService;
}

export async function startSubject(): Promise<Subject> {
  const health = createHealthService();
  health.setServing(EchoService.typeName);
  const server = createSubject(health);
  const older = createSubject(health, "/grpc.reflection.v1.");
  const [{ address }, { address: olderAddress }] = await Promise.all([listen(server), listen(older)]);
  const channel = createChannel(address, { credentials: insecure() });
  const echo = createClient(EchoService, channel);
  await echo.unary({ id: "to be counted" });
  for await (const _ of echo.serverStream({ count: 3 }));
  return {
    address,
    olderAddress,
    health,
    async [Symbol.asyncDispose]() {
      await channel.close();
      await Promise.all([server.close({ graceMs: 0 }), older.close({ graceMs: 0 })]);
    },
  };
}

function listen(server: Server): Promise<ListeningAddress> {
  return server.listen("127.0.0.1:0");
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
