/** Every case by its name, in the order in which they are run. */
import type { OfficialCase } from "./case.js";
import { cancelAfterBegin } from "./cases/cancel_after_begin.js";
import { cancelAfterFirstResponse } from "./cases/cancel_after_first_response.js";
import { channelSoak } from "./cases/channel_soak.js";
import { clientCompressedStreaming } from "./cases/client_compressed_streaming.js";
import { clientCompressedStreamingNoprobe } from "./cases/client_compressed_streaming_noprobe.js";
import { clientCompressedUnary } from "./cases/client_compressed_unary.js";
import { clientCompressedUnaryNoprobe } from "./cases/client_compressed_unary_noprobe.js";
import { clientStreaming } from "./cases/client_streaming.js";
import { concurrentLargeUnary } from "./cases/concurrent_large_unary.js";
import { customMetadata } from "./cases/custom_metadata.js";
import { emptyStream } from "./cases/empty_stream.js";
import { emptyUnary } from "./cases/empty_unary.js";
import { largeHeader } from "./cases/large_header.js";
import { largeUnary } from "./cases/large_unary.js";
import { maxConcurrentStreamsConnectionScaling } from "./cases/max_concurrent_streams_connection_scaling.js";
import { orcaOob } from "./cases/orca_oob.js";
import { orcaPerRpc } from "./cases/orca_per_rpc.js";
import { pickFirstUnary } from "./cases/pick_first_unary.js";
import { pingPong } from "./cases/ping_pong.js";
import { rpcSoak } from "./cases/rpc_soak.js";
import { serverCompressedStreaming } from "./cases/server_compressed_streaming.js";
import { serverCompressedUnary } from "./cases/server_compressed_unary.js";
import { serverStreaming } from "./cases/server_streaming.js";
import { simultaneousTimeouts } from "./cases/simultaneous_timeouts.js";
import { specialStatusMessage } from "./cases/special_status_message.js";
import { statusCodeAndMessage } from "./cases/status_code_and_message.js";
import { timeoutOnSleepingServer } from "./cases/timeout_on_sleeping_server.js";
import { unimplementedMethod } from "./cases/unimplemented_method.js";
import { unimplementedService } from "./cases/unimplemented_service.js";
import { veryLargeRequest } from "./cases/very_large_request.js";

/** Those of the document, of grpc-java and of gRFC A105. */
export const officialCases = {
  empty_unary: emptyUnary,
  large_unary: largeUnary,
  client_streaming: clientStreaming,
  server_streaming: serverStreaming,
  ping_pong: pingPong,
  empty_stream: emptyStream,
  client_compressed_unary: clientCompressedUnary,
  server_compressed_unary: serverCompressedUnary,
  client_compressed_streaming: clientCompressedStreaming,
  server_compressed_streaming: serverCompressedStreaming,
  client_compressed_unary_noprobe: clientCompressedUnaryNoprobe,
  client_compressed_streaming_noprobe: clientCompressedStreamingNoprobe,
  custom_metadata: customMetadata,
  status_code_and_message: statusCodeAndMessage,
  special_status_message: specialStatusMessage,
  unimplemented_method: unimplementedMethod,
  unimplemented_service: unimplementedService,
  cancel_after_begin: cancelAfterBegin,
  cancel_after_first_response: cancelAfterFirstResponse,
  timeout_on_sleeping_server: timeoutOnSleepingServer,
  pick_first_unary: pickFirstUnary,
  rpc_soak: rpcSoak,
  channel_soak: channelSoak,
  orca_per_rpc: orcaPerRpc,
  orca_oob: orcaOob,
  very_large_request: veryLargeRequest,
  max_concurrent_streams_connection_scaling: maxConcurrentStreamsConnectionScaling,
} satisfies Record<string, OfficialCase>;

/** Ideas of the document that have no name there yet. */
export const furtherCases = {
  concurrent_large_unary: concurrentLargeUnary,
  large_header: largeHeader,
  simultaneous_timeouts: simultaneousTimeouts,
} satisfies Record<string, OfficialCase>;

export type CaseName = keyof typeof officialCases | keyof typeof furtherCases;

export const allCases: Readonly<Record<CaseName, OfficialCase>> = { ...officialCases, ...furtherCases };
export const caseNames = Object.keys(allCases) as CaseName[];

export function isCaseName(name: string): name is CaseName {
  return Object.hasOwn(allCases, name);
}
