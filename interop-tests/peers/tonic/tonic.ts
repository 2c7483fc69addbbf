/** tonic, on hyperium/h2 and rustls. */
import { readFileSync } from "node:fs";
import { buildOnce, run } from "../../matrix/build-once.js";
import { cacheFolder, root } from "../../matrix/cache-folder.js";
import { cannotOf, type Peer, withProbe } from "../../matrix/peer.js";

const sources = `${root}interop-tests/peers/tonic/peer`;
const noFlags = "tonic shows nobody whether a message came compressed";
const perCall = "tonic compresses all messages of a call or none";
const noReports = "tonic has no load reports (gRFC A51)";
const noCancelledStatus = "a call of tonic's is cancelled by dropping it: there is nobody left to get a status";
const otherCode = 'tonic\'s client ends a call whose timeout has run out with CANCELLED, "Timeout expired"';

export const tonic: Peer = {
  name: "tonic",
  needs: "Rust 1.88 and a C compiler",
  async install() {
    const folder = cacheFolder("tonic");
    const binary = `${folder}/debug/interop-peer`;
    await buildOnce(binary, sources, async () => {
      await run("cargo", ["build", "--quiet", "--locked", "--target-dir", folder], sources);
    });
    const version = /^tonic = .*"=([\d.]+)"/m.exec(readFileSync(`${sources}/Cargo.toml`, "utf8"))?.[1] ?? "";
    const h2 = /name = "h2"\nversion = "([\d.]+)"/.exec(readFileSync(`${sources}/Cargo.lock`, "utf8"))?.[1] ?? "";
    const rust = /^rustc (\S+)/.exec(await run("rustc", ["--version"], sources))?.[1] ?? "";
    const program = (side: string) => ({ command: binary, args: [side] });
    return { version: `${version} (h2 ${h2}), Rust ${rust}`, server: program("server"), client: program("client") };
  },
  serverCannot: cannotOf({
    client_compressed_unary: noFlags,
    client_compressed_streaming: noFlags,
    server_compressed_streaming: perCall,
    orca_per_rpc: noReports,
    orca_oob: noReports,
  }),
  clientCannot: cannotOf({
    client_compressed_unary_noprobe: withProbe,
    client_compressed_streaming_noprobe: withProbe,
    client_compressed_streaming: perCall,
    server_compressed_unary: noFlags,
    server_compressed_streaming: noFlags,
    cancel_after_begin: noCancelledStatus,
    cancel_after_first_response: noCancelledStatus,
    timeout_on_sleeping_server: otherCode,
    simultaneous_timeouts: otherCode,
    orca_per_rpc: noReports,
    orca_oob: noReports,
    max_concurrent_streams_connection_scaling: "tonic has no connection scaling (gRFC A105)",
  }),
};
