import type { ByteStream, Platform } from "../base/platform.js";
import { MethodCodecTable } from "../codec/method-codecs.js";
import { type ChannelCredentials, clientSecurity } from "../credentials/channel-credentials.js";
import { checkMessageFormat, defaultMessageFormat } from "../rpc/message-format.js";
import { type ClientTransportOptions, createClientTransport } from "../transport/client-transport.js";
import type { ClientTransportListener } from "../transport/transport.js";
import { resolveLimits } from "../transport/transport-limits.js";
import { resolveLiveness, slowerLiveness } from "../transport/upkeep/liveness-settings.js";
import type { ChannelOptions } from "./channel-options.js";
import { connectionKey, whatDiffers } from "./connection-key.js";
import { type ConnectTransport, PlatformConnector } from "./platform-connector.js";
import { resolveConnectSettings } from "./subchannel/connect-settings.js";
import type { ConnectionKind } from "./subchannel/subchannel-pool.js";
import { userAgent } from "./user-agent.js";

/**
 * How a channel with these options connects. Whatever makes a difference to a connection is in the key: channels with
 * equal keys share theirs. Throws TypeError when an option is not valid.
 *
 * @param authority Value of `:authority` for calls that say none.
 */
export function connectionKindOf(
  options: ChannelOptions,
  credentials: ChannelCredentials,
  authority: string,
  platform: Platform,
): ConnectionKind {
  const transport: ClientTransportOptions = {
    authority,
    scheme: credentials.scheme,
    userAgent: userAgent(options.userAgent),
    limits: resolveLimits(options.limits),
    messageFormat: checkMessageFormat(options.messageFormat ?? defaultMessageFormat, "messageFormat"),
    liveness: resolveLiveness(options.keepalive),
    platform,
    codecs: new MethodCodecTable({ jsonTypes: options.jsonTypes }),
  };
  const settings = resolveConnectSettings(options.connect);
  const connect: ConnectTransport = (stream: ByteStream, listener: ClientTransportListener, pingFactor: number) => {
    const liveness = slowerLiveness(transport.liveness, pingFactor);
    // As a rule it is the same one, and then so are all options.
    const own = liveness === transport.liveness ? transport : { ...transport, liveness };
    return createClientTransport(stream, own, listener);
  };
  const { scheme, userAgent: agent, limits, messageFormat, liveness } = transport;
  const values = {
    authority,
    scheme,
    agent,
    messageFormat,
    limits: whatDiffers(limits, resolveLimits(undefined)),
    liveness: whatDiffers(liveness, resolveLiveness(undefined)),
    settings: whatDiffers(settings, resolveConnectSettings(undefined)),
  };
  return {
    key: connectionKey(values, [credentials.security, options.jsonTypes]),
    connector: new PlatformConnector(platform, clientSecurity(credentials, authority), connect),
    settings,
  };
}
