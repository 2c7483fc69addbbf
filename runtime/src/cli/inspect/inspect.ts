import type { CallOptions } from "../../rpc/call-options.js";
import { StatusCode } from "../../rpc/status-code.js";
import { type Command, CommandError, type CommandOutput, UsageError } from "../command.js";
import { parseFlags } from "../parse-flags.js";
import { plainText } from "../plain-text.js";
import { headersOf, millisOf, openTarget, type TargetValues, targetFlags, targetHelp } from "../target/target-flags.js";
import { processWorld, type World } from "../world.js";
import { page } from "./page.js";
import { type Snapshot, takeSnapshot } from "./snapshot.js";

const help = `Usage: godwit inspect ADDRESS [options]

Shows what a server is doing: its services (by reflection), whether they are well (health), its connections and the channels
of its process, calls in flight and how many a second (channelz). What a server does not have is left out. On a terminal it is
shown again and again until Ctrl-C; elsewhere, and with --once, once and without rates.

  godwit inspect localhost:50051
  godwit inspect admin.shop.internal:9901 --cacert ca.crt --once

Options:
  --once                shows it once
  --json                prints each time one line of JSON, for programs
  --interval TIME       between two looks: 2.5, 2.5s or 500ms, from 100 ms (default: 2s)
${targetHelp("for each question (default: 5s)")}
  -h, --help            prints this`;

export const inspect: Command = {
  name: "inspect",
  summary: "shows what a server is doing: services, health, connections, calls",
  help,
  run: (args, output) => runInspect(args, output),
};

const config = {
  options: {
    ...targetFlags,
    once: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    interval: { type: "string", default: "2s" },
  },
  strict: true,
  allowPositionals: true,
} as const;

const leastIntervalMs = 100;
const usualTimeoutMs = 5000;

interface InspectCommand {
  readonly target: string;
  readonly isOnce: boolean;
  readonly isJson: boolean;
  readonly intervalMs: number;
  readonly values: TargetValues;
}

function parseInspect(args: readonly string[]): InspectCommand {
  const { values, positionals } = parseFlags(config, args);
  const [target, ...rest] = positionals;
  if (target === undefined || rest.length > 0) {
    throw new UsageError("expected one address: godwit inspect localhost:50051");
  }
  const intervalMs = millisOf("--interval", values.interval) ?? 0;
  if (intervalMs < leastIntervalMs) throw new UsageError(`--interval is ${values.interval}: expected 100 ms or more`);
  return { target, isOnce: values.once, isJson: values.json, intervalMs, values };
}

export async function runInspect(
  args: readonly string[],
  output: CommandOutput,
  world: World = processWorld,
): Promise<void> {
  const command = parseInspect(args);
  const { values } = command;
  const timeoutMs = millisOf("--timeout", values.timeout) ?? usualTimeoutMs;
  const interrupted = new AbortController();
  const release = world.onInterrupt(() => interrupted.abort());
  const { signal } = interrupted;
  const options: CallOptions = { metadata: headersOf(values), timeoutMs, signal };
  const channel = openTarget(command.target, values, world);
  try {
    let before: Snapshot | undefined;
    do {
      const snapshot = await takeSnapshot(channel, options, () => world.now());
      if (signal.aborted) return;
      if (before === undefined) refuseSilence(snapshot);
      show(command, snapshot, before, output, world);
      before = snapshot;
    } while (isRepeated(command, world) && (await pause(world, command.intervalMs, signal)));
  } finally {
    release();
    await channel.close();
  }
}

/** A server that answers nothing at all cannot be shown. */
function refuseSilence({ services, health, servers, channels }: Snapshot): void {
  const parts = [services, health, servers, channels];
  if (parts.some((part) => "value" in part || part.error.code === StatusCode.UNIMPLEMENTED)) return;
  if ("error" in services) throw new CommandError(plainText(services.error.message), services.error.code);
}

function isRepeated({ isOnce }: InspectCommand, { isOutputTerminal }: World): boolean {
  return !isOnce && isOutputTerminal;
}

function show(
  command: InspectCommand,
  snapshot: Snapshot,
  before: Snapshot | undefined,
  output: CommandOutput,
  world: World,
): void {
  if (command.isJson) {
    output.print(JSON.stringify(toJson(snapshot)));
    return;
  }
  const lines = page(snapshot, before, world.columns);
  if (!isRepeated(command, world)) {
    output.print(lines.join("\n").trimEnd());
    return;
  }
  const title = `${command.target}, every ${command.intervalMs / 1000} s; Ctrl-C ends`;
  // To the upper left corner, and whatever was there is gone.
  const shown = [title, "", ...lines].slice(0, Math.max(1, world.rows - 1));
  output.print(`\u001b[H\u001b[2J${shown.join("\n").trimEnd()}`);
}

function toJson(snapshot: Snapshot): object {
  const told = Object.entries(snapshot).filter(([name]) => name !== "at");
  return Object.fromEntries(
    told.map(([name, part]: [string, Snapshot["services" | "health" | "servers" | "channels"]]) => {
      if ("error" in part) return [name, { error: part.error.message, code: part.error.code }];
      return [name, part.value instanceof Map ? Object.fromEntries(part.value) : part.value];
    }),
  );
}

/** False: interrupted. */
function pause(world: World, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      stop();
      signal.removeEventListener("abort", end);
      resolve(!signal.aborted);
    };
    const stop = world.every(ms, end, true);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
