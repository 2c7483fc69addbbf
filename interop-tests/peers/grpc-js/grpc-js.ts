import { cannotOf, type Peer, withProbe } from "../../matrix/peer.js";
import { nodePeer } from "../node-peer.js";

const noFlags = "grpc-js shows nobody whether a message came compressed";
const noResponses = "grpc-js's server never compresses";

export const grpcJs: Peer = {
  name: "grpc-js",
  needs: "nothing",
  install: () => nodePeer("grpc-js", "@grpc/grpc-js"),
  serverCannot: cannotOf({
    client_compressed_unary: noFlags,
    client_compressed_streaming: noFlags,
    server_compressed_unary: noResponses,
    server_compressed_streaming: noResponses,
    orca_oob: "grpc-js's recorder of a server's load has no memory utilization",
  }),
  clientCannot: cannotOf({
    client_compressed_unary_noprobe: withProbe,
    client_compressed_streaming_noprobe: withProbe,
    server_compressed_unary: noFlags,
    server_compressed_streaming: noFlags,
    max_concurrent_streams_connection_scaling: "grpc-js has no connection scaling (gRFC A105)",
  }),
};
