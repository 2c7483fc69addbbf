/** The client of grpc-go as a process of its own. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Reads a server stream, and says how many messages and bytes came. Rejects when the stream fails. */
export async function readGoStream(client: string, port: number, count: number, size: number): Promise<string> {
  const args = ["stream", `127.0.0.1:${port}`, String(count), String(size)];
  const { stdout } = await promisify(execFile)(client, args);
  return stdout.trim();
}
