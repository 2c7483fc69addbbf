import { execFile } from "node:child_process";

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, for half a minute at most. */
export function runTool(program: string, args: readonly string[], cwd?: string): Promise<ToolResult> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 30_000, maxBuffer: 64 * 1024 * 1024, cwd }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

/** The JSON documents of an output, one behind another, each ending with a line that begins with `}`. */
export function documents(stdout: string): unknown[] {
  return stdout
    .split(/(?<=^\})\n/m)
    .filter((text) => text.trim() !== "")
    .map((text) => JSON.parse(text) as unknown);
}
