#!/usr/bin/env node
/** The program `godwit`: the only file of it that knows of a process. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { call } from "./call/call.js";
import type { Command } from "./command.js";
import { devCerts } from "./dev-certs/dev-certs.js";
import { explore } from "./explore/explore.js";
import { inspect } from "./inspect/inspect.js";
import { runProgram } from "./program.js";

const commands: readonly Command[] = [call, inspect, explore, devCerts];

/** Beside dist/, in which this is. */
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

// Whoever read what we print has had enough of it, as `head` has.
process.stdout.on("error", () => process.exit(1));

process.exitCode = await runProgram(process.argv.slice(2), commands, version, {
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
});
