/** grpc-java: the service and the client of its interop-testing, with a main of ours in peer/. */
import { readdirSync, readFileSync } from "node:fs";
import { buildOnce, run } from "../../matrix/build-once.js";
import { cacheFolder, root } from "../../matrix/cache-folder.js";
import { cannotOf, type Peer } from "../../matrix/peer.js";

const sources = `${root}interop-tests/peers/grpc-java/peer`;
const noScaling = "grpc-java's test client and service of 1.79.0 have no such case";
const noProbe = "grpc-java's test service does not look whether a request was compressed";
const privateCase = "grpc-java's test client, which alone has the case, has no mutual TLS";

const clientCannot = cannotOf({ max_concurrent_streams_connection_scaling: noScaling });
const notMutual: readonly string[] = ["pick_first_unary", "orca_per_rpc", "orca_oob"];

export const grpcJava: Peer = {
  name: "grpc-java",
  needs: "a JDK of 17 or newer and Maven",
  async install() {
    const folder = cacheFolder("grpc-java");
    const jars = `${folder}/jars`;
    // Where its client looks for its test authority: before its jars lies ours.
    const classPath = [cacheFolder("certificates"), folder, `${jars}/*`].join(":");
    await buildOnce(`${folder}/io/grpc/testing/integration/Peer.class`, sources, async () => {
      await run(
        "mvn",
        ["-q", "-B", "-f", `${sources}/pom.xml`, "dependency:copy-dependencies", `-DoutputDirectory=${jars}`],
        folder,
      );
      const files = readdirSync(sources).filter((name) => name.endsWith(".java"));
      await run("javac", ["-cp", classPath, "-d", folder, ...files.map((name) => `${sources}/${name}`)], folder);
    });
    const version = /<version>(\d[\d.]+\d)<\/version>/.exec(readFileSync(`${sources}/pom.xml`, "utf8"))?.[1] ?? "";
    const java = (await run("javac", ["--version"], folder)).trim().replace("javac", "JDK");
    const program = (side: string) => ({
      command: "java",
      args: ["-XX:TieredStopAtLevel=1", "-Xmx1g", "-cp", classPath, "io.grpc.testing.integration.Peer", side],
    });
    return { version: `${version}, ${java}`, server: program("server"), client: program("client") };
  },
  serverCannot: cannotOf({
    client_compressed_unary: noProbe,
    client_compressed_streaming: noProbe,
    server_compressed_streaming: "grpc-java's test service compresses no single message of a stream",
    pick_first_unary: "grpc-java's test service does not fill in its server_id",
    max_concurrent_streams_connection_scaling: noScaling,
  }),
  clientCannot: (name, transport) =>
    transport === "mtls" && notMutual.includes(name) ? privateCase : clientCannot(name, transport),
};
