/**
 * `npm run tools`: the tools that people point at gRPC servers, at ours, in plaintext and over TLS. Prints what each did. Without a Go compiler those in
 * Go are skipped, loudly; with GODWIT_CI_STRICT=1 that is a failure.
 */
import process from "node:process";
import { binaryLogChecks } from "./binary-log.js";
import { bufCurlChecks } from "./buf-curl.js";
import { channelzChecks } from "./channelz-walk.js";
import type { Check } from "./check.js";
import { descriptorChecks } from "./descriptors.js";
import { ghzChecks } from "./ghz.js";
import { goServerChecks, ownChecks } from "./godwit.js";
import { grpcurlChecks } from "./grpcurl.js";
import { healthProbeChecks } from "./health-probe.js";
import { installTools, type Tools } from "./install.js";
import { startSubject } from "./subject.js";

const goChecks = [
  ...grpcurlChecks,
  ...descriptorChecks,
  ...healthProbeChecks,
  ...channelzChecks,
  ...ghzChecks,
  ...binaryLogChecks,
  ...goServerChecks,
];

function findTools(): Tools | undefined {
  try {
    return installTools();
  } catch (error) {
    console.error(`the tools in Go are SKIPPED: ${(error as Error).message}`);
    return undefined;
  }
}

const noTools: Tools = { grpcurl: "", healthProbe: "", goPeer: "", ghz: "", binaryLog: "" };

async function main(): Promise<void> {
  const tools = findTools();
  if (tools === undefined && process.env["GODWIT_CI_STRICT"] === "1") process.exitCode = 1;
  const always = [...bufCurlChecks, ...ownChecks];
  const checks: readonly Check[] = tools === undefined ? always : [...goChecks, ...always];
  await using subject = await startSubject();
  const { doors, health } = subject;
  for (const door of doors) {
    for (const { name, run } of checks) {
      const what = `${name}, ${door.name}`;
      try {
        console.log(`${what}: ok, ${await run({ tools: tools ?? noTools, door, health })}`);
      } catch (error) {
        console.log(`${what}: FAILED: ${(error as Error).message}`);
        process.exitCode = 1;
      }
    }
  }
}

await main();
