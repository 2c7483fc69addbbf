/** Compiles the client of grpc-java, with the jars that client/pom.xml names, into a folder that git ignores. */
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { buildOnce, run } from "../matrix/build-once.js";
import { root } from "../matrix/cache-folder.js";

const sources = join(root, "interop-tests/grpc-java/client");
const folder = join(root, ".cache/grpc-java");

/** Resolves with what `java` takes to run it. Rejects with a sentence when there is no Java or no Maven, or they fail. */
export async function buildJavaClient(): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const classPath = [folder, join(folder, "jars/*")].join(delimiter);
  await buildOnce(join(folder, "LoadClient.class"), sources, async () => {
    const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${join(folder, "jars")}`];
    await run("mvn", ["-q", "-B", "-f", join(sources, "pom.xml"), ...goal], folder);
    await run("javac", ["-cp", classPath, "-d", folder, join(sources, "LoadClient.java")], folder);
  });
  return ["-cp", classPath, "LoadClient"];
}
