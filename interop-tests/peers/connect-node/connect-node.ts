import { cannotOf, type Peer, withProbe } from "../../matrix/peer.js";
import { nodePeer } from "../node-peer.js";

const noFlags = "Connect shows nobody whether a message came compressed";
const bySize = "Connect compresses by size: all messages from so many bytes on, or none";
const noReports = "Connect has no load reports (gRFC A51)";
/** Our server says `201 streams ended too early within 10 seconds, limit 200 where they are more than half`. */
const rapidResets =
  "connect-node opens streams for calls whose deadline is past by then, hundreds in a row, and resets them at once: to our server that is a rapid reset (CVE-2023-44487), and it ends the connection";

export const connectNode: Peer = {
  name: "connect-node",
  needs: "nothing",
  install: () => nodePeer("connect-node", "@connectrpc/connect-node"),
  serverCannot: cannotOf({
    client_compressed_unary: noFlags,
    client_compressed_streaming: noFlags,
    server_compressed_unary: bySize,
    server_compressed_streaming: bySize,
    orca_per_rpc: noReports,
    orca_oob: noReports,
  }),
  clientCannot: cannotOf({
    client_compressed_unary_noprobe: withProbe,
    client_compressed_streaming_noprobe: withProbe,
    client_compressed_streaming: bySize,
    server_compressed_unary: noFlags,
    server_compressed_streaming: noFlags,
    orca_per_rpc: noReports,
    orca_oob: noReports,
    simultaneous_timeouts: rapidResets,
    max_concurrent_streams_connection_scaling: "Connect has no connection scaling (gRFC A105)",
  }),
};
