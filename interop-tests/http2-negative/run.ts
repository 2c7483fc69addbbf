/**
 * `npm run interop:http2`: is the negative server a fair judge? grpc-go's client for its cases, and grpc-go's interop client
 * for the two about padding that the former does not have, take the place of ours.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { buildGoModule } from "../support/go-module.js";
import { type NegativeCase, negativeCases, startNegativeServer } from "./negative-server.js";

const timeoutMs = 30_000;

/** What grpc-go's negative client does not know is a plain large_unary. */
const plainCases: ReadonlySet<NegativeCase> = new Set(["data_frame_padding", "no_df_padding_sanity_test"]);

/**
 * Of half a message grpc-go makes INTERNAL, as PROTOCOL-HTTP2 has it for a reset with NO_ERROR, but its negative client still
 * wants UNKNOWN: this complaint is what tells that all went well.
 */
const staleComplaint = "want _, Unknown";

/** The reasons why the client, or what the server saw of it, is not as it should be. */
async function judge(name: NegativeCase, folder: string): Promise<string[]> {
  await using server = await startNegativeServer(name);
  const [program, testCase] = plainCases.has(name) ? ["client", "large_unary"] : ["http2", name];
  const args = ["--server_host=127.0.0.1", `--server_port=${server.port}`, `--test_case=${testCase}`];
  const faults: string[] = [];
  try {
    await promisify(execFile)(`${folder}/${program}`, args, { timeout: timeoutMs });
  } catch (error) {
    const complaint = (error as { readonly stderr?: string }).stderr?.trim() || String(error);
    if (name !== "rst_during_data" || !complaint.endsWith(`Internal, ${staleComplaint}`)) faults.push(complaint);
  }
  const { connections } = server;
  const expected = name === "goaway" ? 2 : 1;
  if (connections.length !== expected) faults.push(`it opened ${connections.length} connections, expected ${expected}`);
  const unanswered = connections.reduce((sum, { unansweredPings }) => sum + unansweredPings, 0);
  if (unanswered > 0) faults.push(`${unanswered} PINGs were not answered`);
  for (const { violations } of connections) faults.push(...violations);
  return faults;
}

try {
  const folder = buildGoModule({
    folder: "interop-tests/http2-negative/go",
    cache: "http2-negative",
    packages: ["google.golang.org/grpc/interop/http2", "google.golang.org/grpc/interop/client"],
    wants: "grpc-go's clients are programs in Go 1.26 or newer",
  });
  for (const name of negativeCases) {
    const faults = await judge(name, folder);
    console.log(`grpc-go, ${name}: ${faults.length === 0 ? "ok" : faults.join("; ")}`);
    if (faults.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(`interop:http2: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
