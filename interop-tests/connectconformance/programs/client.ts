/** The client under test: makes every call that it reads of, some at a time, and writes how each went. */
import { create } from "@bufbuild/protobuf";
import { type Channel, type ChannelCredentials, createChannel, createClient, insecure, tls } from "godwit";
import {
  type ClientCompatRequest,
  ClientCompatRequestSchema,
  type ClientCompatResponse,
  ClientCompatResponseSchema,
} from "../../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { Codec } from "../../gen/connectrpc/conformance/v1/config_pb.js";
import { ConformanceService } from "../../gen/connectrpc/conformance/v1/service_godwit.js";
import { makeCall } from "../conformance-call.js";
import { encodeDelimited, readDelimited } from "../delimited.js";
import { messageTypes } from "../message-types.js";

/** Deadlines and cancellations of the suite are short: more at a time would wait for each other. */
const callsAtATime = 16;

const channels = new Map<string, Channel>();

/** One for each server and way to connect. */
function channelFor(request: ClientCompatRequest): Channel {
  const { host, port, clientTlsCreds, codec } = request;
  const key = JSON.stringify([host, port, codec, clientTlsCreds !== undefined]);
  let channel = channels.get(key);
  if (channel === undefined) {
    channel = createChannel(`${host}:${port}`, {
      credentials: credentialsFor(request),
      messageFormat: codec === Codec.JSON ? "json" : "proto",
      jsonTypes: messageTypes,
    });
    channels.set(key, channel);
  }
  return channel;
}

/** The server's certificate is the one that is trusted: nobody else has signed it. */
function credentialsFor({ serverTlsCert, clientTlsCreds }: ClientCompatRequest): ChannelCredentials {
  if (serverTlsCert.length === 0) return insecure();
  return tls({
    roots: serverTlsCert,
    ...(clientTlsCreds !== undefined && { certificate: clientTlsCreds.cert, key: clientTlsCreds.key }),
  });
}

async function respond(request: ClientCompatRequest): Promise<ClientCompatResponse> {
  const { testName } = request;
  try {
    const response = await makeCall(request, createClient(ConformanceService, channelFor(request)));
    return create(ClientCompatResponseSchema, { testName, result: { case: "response", value: response } });
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return create(ClientCompatResponseSchema, { testName, result: { case: "error", value: { message } } });
  }
}

const running = new Set<Promise<void>>();
for await (const request of readDelimited(process.stdin, ClientCompatRequestSchema)) {
  const call = respond(request).then((response) => {
    process.stdout.write(encodeDelimited(ClientCompatResponseSchema, response));
    running.delete(call);
  });
  running.add(call);
  if (running.size >= callsAtATime) await Promise.race(running);
}
await Promise.all(running);
for (const channel of channels.values()) await channel.close();
