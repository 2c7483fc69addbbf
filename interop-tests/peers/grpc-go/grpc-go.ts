/** grpc-go: the service and the procedures of its interop package, with a main of ours in peer/. */
import { readFileSync } from "node:fs";
import { buildOnce, run } from "../../matrix/build-once.js";
import { cacheFolder, root } from "../../matrix/cache-folder.js";
import { cannotOf, type Peer } from "../../matrix/peer.js";

const sources = `${root}interop-tests/peers/grpc-go/peer`;
const noCompression = "grpc-go's test service and client know nothing of compressed messages";
const noScaling = "grpc-go's test service does not tell the address of its peer";

export const grpcGo: Peer = {
  name: "grpc-go",
  needs: "Go 1.26",
  async install() {
    const binary = `${cacheFolder("grpc-go")}/peer`;
    await buildOnce(binary, sources, async () => {
      await run("go", ["build", "-mod=readonly", "-buildvcs=false", "-o", binary, "."], sources);
    });
    const version = /google\.golang\.org\/grpc v(\S+)/.exec(readFileSync(`${sources}/go.mod`, "utf8"))?.[1] ?? "";
    const go = (await run("go", ["env", "GOVERSION"], sources)).trim();
    const program = (side: string) => ({ command: binary, args: [side] });
    return { version: `${version}, ${go}`, server: program("server"), client: program("client") };
  },
  serverCannot: cannotOf({
    client_compressed_unary: noCompression,
    server_compressed_unary: noCompression,
    client_compressed_streaming: noCompression,
    server_compressed_streaming: noCompression,
    pick_first_unary: "grpc-go's test service does not fill in its server_id",
    max_concurrent_streams_connection_scaling: noScaling,
  }),
  clientCannot: cannotOf({
    client_compressed_unary_noprobe: noCompression,
    client_compressed_streaming_noprobe: noCompression,
    client_compressed_unary: noCompression,
    server_compressed_unary: noCompression,
    client_compressed_streaming: noCompression,
    server_compressed_streaming: noCompression,
    very_large_request: "grpc-go's client has no such case",
    max_concurrent_streams_connection_scaling: "grpc-go's client has no such case",
  }),
};
