/** A command with a loopback interface of its own, and everything that goes over that in a file. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** Bytes that wait for the disk, in MiB: what does not fit is lost, and that is an error. */
const bufferMebibytes = 1024;
/** The kernel gives packets out in blocks, and one that is not full a while later. */
const settleMs = 1_000;

export interface CaptureFiles {
  readonly packets: string;
  /** The keys of TLS connections, as every Node writes them that the command starts. */
  readonly keys: string;
}

/**
 * Resolves with the command's exit code. Only root may do so. Nobody else's packets are in the file, and the command sees no
 * network but itself.
 */
export async function capture(files: CaptureFiles, command: readonly string[]): Promise<number> {
  const dumpcap = ["dumpcap", "-q", "-i", "lo", "-s", "0", "-B", String(bufferMebibytes), "-w", files.packets];
  // The interface is there as long as dumpcap is, which ends after the command.
  const script = `ip link set lo up && exec ${dumpcap.join(" ")}`;
  const namespace = spawn("unshare", ["--net", "sh", "-c", script], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const started = new Promise<void>((resolve, reject) => {
    createInterface(namespace.stderr).on("line", (line) => {
      said += `${line}\n`;
      if (line.startsWith("File: ")) resolve();
    });
    namespace.once("error", reject);
    namespace.once("close", () => reject(new Error(`nothing can be captured: ${said}`)));
  });
  await started;
  const env = { ...process.env, NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --tls-keylog=${files.keys}` };
  const inside = ["--net", `--target=${namespace.pid}`, "--", ...command];
  const child = spawn("nsenter", inside, { stdio: "inherit", env });
  const [code] = (await once(child, "exit")) as [number | null];
  await sleep(settleMs);
  const closed = once(namespace, "close");
  namespace.kill("SIGINT");
  await closed;
  const [, dropped] = /Packets received\/dropped on interface .*: \d+\/(\d+)/.exec(said) ?? [];
  if (dropped !== "0") throw new Error(`the capture is not whole: ${said}`);
  return code ?? 1;
}
