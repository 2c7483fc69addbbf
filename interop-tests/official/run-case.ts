import { type ChannelCredentials, type ChannelOptions, createChannel, createClient } from "godwit";
import { TestService } from "../gen/grpc/testing/test_godwit.js";
import { allCases, type CaseName } from "./all-cases.js";
import { defaultSoak, type SoakOptions } from "./case.js";
import { CompressionWatch } from "./compression-watch.js";
import { testLimits } from "./test-server.js";

export interface ClientSettings {
  /** `127.0.0.1:10000` */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  /** For a server that claims to be another one. */
  readonly authority?: string | undefined;
  readonly serviceConfig?: ChannelOptions["serviceConfig"];
  readonly interceptors?: ChannelOptions["interceptors"];
  readonly soak?: SoakOptions;
  say?(line: string): void;
}

/** Runs a case with our client, on a channel of its own. Rejects with what the server did wrong. */
export async function runCase(name: CaseName, settings: ClientSettings): Promise<void> {
  const { target, credentials, authority, serviceConfig, interceptors } = settings;
  const watch = new CompressionWatch();
  const options: ChannelOptions = {
    credentials,
    authority,
    serviceConfig,
    interceptors,
    limits: testLimits,
    platform: watch.platform,
    shareConnections: false,
  };
  await using channel = createChannel(target, options);
  await allCases[name]({
    channel,
    service: createClient(TestService, channel),
    openChannel: (own) => createChannel(target, { ...options, ...own }),
    wasCompressed: watch.wasCompressed,
    soak: settings.soak ?? defaultSoak,
    say: settings.say ?? (() => {}),
  });
}
