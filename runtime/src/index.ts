/** The public names. Nothing inside this package imports them from here. */

// Channels and clients

export { type Channel, openChannels } from "./channel/channel.js";
export type {
  ChannelDescription,
  ConnectionDescription,
  SubchannelDescription,
} from "./channel/channel-description.js";
export type { ChannelCloseOptions, ChannelOptions, PolicyName } from "./channel/channel-options.js";
export type { ChannelRetryOptions } from "./channel/channel-retries.js";
export { createChannel } from "./channel/create-channel.js";
export type { ResolutionDescription } from "./channel/resolution-log.js";
export type { StateWaitOptions } from "./channel/state-watch.js";
export type { ConnectOptions } from "./channel/subchannel/connect-settings.js";
export { type AccessToken, bearerToken, refreshedToken } from "./credentials/bearer-token.js";
export { combineCredentials } from "./credentials/call-credentials.js";
export type { CertificateListener, CertificateProvider, TlsMaterial } from "./credentials/certificate-provider.js";
export { type ChannelCredentials, insecure, type TlsChannelOptions } from "./credentials/channel-credentials.js";
export type { CertificateFilesOptions } from "./credentials/files/certificate-files-options.js";
export { type OauthClientCredentialsOptions, oauthClientCredentials } from "./credentials/oauth/client-credentials.js";
export type { TokenClientOptions } from "./credentials/oauth/token-client.js";
export { type TokenExchangeOptions, type TokenSource, tokenExchange } from "./credentials/oauth/token-exchange.js";
export { type TokenFileOptions, tokenFile } from "./credentials/token-file.js";
export { certificateFiles } from "./net/certificate-files.js";
export { tls } from "./net/tls/tls-credentials.js";
export type { CallCredentials, CallCredentialsContext } from "./rpc/call-credentials.js";
export type {
  ConnectionScalingInit,
  HealthCheckConfigInit,
  HedgingPolicyInit,
  LoadBalancingConfigInit,
  MethodConfigInit,
  RetryPolicyInit,
  RetryThrottlingInit,
  ServiceConfigInit,
  StatusCodeInit,
} from "./service-config/service-config-init.js";
export { createClient } from "./stub/client.js";
export { type PushableSource, pushable } from "./stub/pushable.js";

// Servers

export type { AuditEvent, AuditLogger, AuditLoggerFactory } from "./authz/audit-logger.js";
export type { AuthorizationOptions } from "./authz/authorization-options.js";
export type {
  AuditCondition,
  AuditLoggingOptionsInit,
  AuthorizationHeaderInit,
  AuthorizationPolicyInit,
  AuthorizationRuleInit,
} from "./authz/policy-init.js";
export {
  insecureServer,
  type ServerCredentials,
  type TlsServerOptions,
} from "./credentials/server-credentials.js";
export type { TlsOptions } from "./credentials/tls-options.js";
export { tlsServer } from "./net/tls/tls-credentials.js";
export type { HandlerContext } from "./rpc/handler-context.js";
export { type CallLoadRecorder, LoadRecorder } from "./rpc/load-recorder.js";
export type { Authenticator, Principal, UnauthenticatedCall } from "./rpc/principal.js";
export type { ConnectionAgeOptions, ServerKeepaliveOptions } from "./server/connections/connection-options.js";
export { createServer, openServers, type Server } from "./server/server.js";
export type {
  ConnectionRange,
  ListenerDescription,
  ListeningAddress,
  ServerDescription,
} from "./server/server-description.js";
export type { CloseOptions, FailedCall, ListenOptions, ServerOptions } from "./server/server-options.js";
export type { InProcessInvoker } from "./transport/in-process/in-process-transport.js";
export type { ConnectionReport } from "./transport/transport.js";

// Calls, and how they end

export { CallInfo } from "./rpc/call-info.js";
export type { CallContext, CallOptions } from "./rpc/call-options.js";
export type { CallTimings } from "./rpc/call-timings.js";
export type { Deadline } from "./rpc/deadline.js";
export type { MessageSource, ServerStream } from "./rpc/message-source.js";
export { Metadata, type MetadataInit, type MetadataValue } from "./rpc/metadata.js";
export type { HedgingOptions, RetryOptions } from "./rpc/retry-options.js";
export { type AttemptRecord, type Delivery, OK, type Status } from "./rpc/status.js";
export { StatusCode, statusCodeName } from "./rpc/status-code.js";
export {
  type StatusDetail,
  StatusError,
  type StatusErrorContext,
  type StatusErrorOptions,
  statusDetail,
} from "./rpc/status-error.js";

// Interceptors

export type { InterceptorLayer } from "./interceptor/compose-interceptors.js";
export type {
  InterceptedCall,
  Interceptor,
  InterceptorNext,
  MessageDirection,
  RawInterceptor,
} from "./rpc/interceptor.js";
export type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "./rpc/invoker.js";

// Services and codecs

export type { ByteSink } from "./base/byte-sink.js";
export type { GenServiceClient, GenServiceHandlers, HandlersOf } from "./codec/describe-service.js";
export { serviceFromDesc } from "./codec/describe-service.js";
export type { Codec } from "./rpc/codec.js";
export type { MessageFormat } from "./rpc/message-format.js";
export type { IdempotencyLevel, MethodDescriptor, MethodKind } from "./rpc/method-descriptor.js";
export type { Service } from "./rpc/service.js";
export { uncompressed } from "./rpc/uncompressed.js";

// Telemetry

export type { Logger, LogLevel, LogOptions } from "./rpc/logger.js";
export type {
  AttemptListener,
  AttemptStart,
  ClientCallListener,
  ClientCallStart,
  ConnectionEvent,
  MessageSize,
  ResolutionEvent,
  ServerCallListener,
  ServerCallStart,
  StatsSink,
} from "./rpc/stats/stats-sink.js";

// Load balancing

export type { EndpointChild } from "./balancer/endpoint-children.js";
export { type CreatePicker, EndpointPolicy } from "./balancer/endpoint-policy.js";
export type {
  ChannelController,
  ChosenPolicy,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicySource,
  PolicyUpdate,
  Subchannel,
  SubchannelListener,
  SubchannelOptions,
} from "./balancer/load-balancing-policy.js";
export {
  failAlways,
  type PickedSubchannel,
  type Picker,
  type PickObserver,
  type PickResult,
  pickAlways,
  queuePicker,
  type SlotWaiter,
} from "./balancer/picker.js";
export type { LoadReport } from "./rpc/load-report.js";
export type { WithoutEffect } from "./service-config/config-reader.js";
export type { JsonObject } from "./service-config/json.js";
export { loadReportOf } from "./wire/load-report.js";

// Names and addresses

export type { Parsed } from "./base/parsed.js";
export { dnsResolver } from "./resolver/dns/dns.js";
export type { DnsResolverOptions } from "./resolver/dns/dns-options.js";
export type { Endpoint, EndpointAttributes } from "./resolver/endpoint.js";
export type { FileRegistrarOptions } from "./resolver/file/file-registrar.js";
export type { Registrar, Registration, RegistrationHandle, RegistrationState } from "./resolver/registrar.js";
export { registerResolver } from "./resolver/registry.js";
export type {
  Resolver,
  ResolverFactory,
  ResolverListener,
  ResolverOptions,
  ResolverResult,
  StatusOr,
} from "./resolver/resolver.js";
export { staticResolver } from "./resolver/static.js";
export type { Target } from "./resolver/target.js";
export type { ConnectivityState } from "./rpc/connectivity-state.js";
export { fileRegistrar } from "./server/file-registrar.js";

// What channels and servers tell of themselves

export type { CallReport } from "./telemetry/call-counts.js";
export type { EventReport, EventSeverity, LoggedEvent } from "./telemetry/event-log.js";
export type { TrafficReport } from "./telemetry/traffic.js";

// Limits, and the world outside

export type { DnsAddress, DnsClient, DnsService } from "./base/dns-client.js";
export type { Files, FileWatch } from "./base/files.js";
export type { HttpRequest, HttpResponse } from "./base/http.js";
export type {
  Address,
  ByteStream,
  ByteStreamSink,
  CompressionJob,
  CompressionResult,
  Compressor,
  ConnectCallbacks,
  Connecting,
  DiagnosticsChannel,
  HandshakeGate,
  HttpProxy,
  ListenCallbacks,
  Listener,
  Millis,
  Peer,
  Platform,
  Timer,
} from "./base/platform.js";
export type {
  ClientSecurity,
  NoSecurity,
  PeerIdentity,
  ServerSecurity,
  TlsClientConfig,
  TlsConfig,
  TlsServerConfig,
  TlsSession,
  TlsVersion,
} from "./base/tls.js";
export type { Http2Limits } from "./http2/limits.js";
export type { SessionCounters } from "./http2/session-counters.js";
export { byteStreamFromDuplex } from "./net/duplex-stream.js";
export { createNodePlatform } from "./net/node-platform.js";
export type { LimitOptions, TransportLimits } from "./transport/transport-limits.js";
export type { KeepaliveOptions } from "./transport/upkeep/liveness-settings.js";
