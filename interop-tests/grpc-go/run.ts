/** `npm run interop:go`: builds the client of grpc-go and runs the cases that need it. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildGoClient } from "./install.js";

buildGoClient();
const mocha = fileURLToPath(new URL("../../../node_modules/mocha/bin/mocha.js", import.meta.url));
const cases = fileURLToPath(new URL("../cases/grpc-go.test.js", import.meta.url));
const { status } = spawnSync(process.execPath, [mocha, "--no-config", "--timeout", "60000", cases], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
