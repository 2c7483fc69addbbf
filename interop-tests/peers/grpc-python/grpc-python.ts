/** C-core, by its Python binding. */
import { readFileSync } from "node:fs";
import { buildOnce, run } from "../../matrix/build-once.js";
import { cacheFolder, root } from "../../matrix/cache-folder.js";
import { cannotOf, type Peer, withProbe } from "../../matrix/peer.js";

const sources = `${root}interop-tests/peers/grpc-python/peer`;
const noFlags = "grpcio shows nobody whether a message came compressed";
const noReports = "grpcio for Python has no load reports (gRFC A51)";

/** A virtual environment of its own, and the modules that are generated from the .proto. */
async function build(folder: string): Promise<void> {
  await run("python3", ["-m", "venv", `${folder}/venv`], folder);
  const python = `${folder}/venv/bin/python`;
  await run(python, ["-m", "pip", "install", "--quiet", "-r", `${sources}/requirements.txt`], folder);
  const protos = ["empty", "messages", "test"].map((name) => `grpc/testing/${name}.proto`);
  const outputs = [`--python_out=${folder}`, `--grpc_python_out=${folder}`];
  await run(python, ["-m", "grpc_tools.protoc", `-I${root}proto`, ...outputs, ...protos], folder);
}

export const grpcPython: Peer = {
  name: "grpc-python",
  needs: "Python 3.9 or newer with venv",
  async install() {
    const folder = cacheFolder("grpc-python");
    await buildOnce(`${folder}/grpc/testing/test_pb2_grpc.py`, sources, () => build(folder));
    const python = `${folder}/venv/bin/python`;
    const version = /^grpcio==(\S+)$/m.exec(readFileSync(`${sources}/requirements.txt`, "utf8"))?.[1] ?? "";
    const interpreter = (await run(python, ["--version"], folder)).trim();
    const program = (side: string) => ({
      command: python,
      args: [`${sources}/peer.py`, side],
      env: { INTEROP_GENERATED: `${folder}/grpc`, PYTHONDONTWRITEBYTECODE: "1" },
    });
    return { version: `grpcio ${version}, ${interpreter}`, server: program("server"), client: program("client") };
  },
  serverCannot: cannotOf({
    client_compressed_unary: noFlags,
    client_compressed_streaming: noFlags,
    orca_per_rpc: noReports,
    orca_oob: noReports,
  }),
  clientCannot: cannotOf({
    client_compressed_unary_noprobe: withProbe,
    client_compressed_streaming_noprobe: withProbe,
    server_compressed_unary: noFlags,
    server_compressed_streaming: noFlags,
    client_compressed_streaming: "grpcio's client compresses calls, not messages",
    orca_per_rpc: noReports,
    orca_oob: noReports,
    max_concurrent_streams_connection_scaling: "behind an experiment of C-core's (gRFC A105)",
  }),
};
