/** A client of EchoService of this library, on a channel of its own. */
import { type Channel, type ChannelOptions, createChannel, createClient, insecure } from "godwit";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";

export interface OurClient extends AsyncDisposable {
  readonly channel: Channel;
  readonly echo: EchoServiceClient;
}

export function openOurClient(port: number, options: ChannelOptions = {}): OurClient {
  const channel = createChannel(`127.0.0.1:${port}`, { credentials: insecure(), ...options });
  return {
    channel,
    echo: createClient(EchoService, channel),
    [Symbol.asyncDispose]: () => channel.close(),
  };
}
