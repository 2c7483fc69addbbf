import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { StatusCode, StatusError } from "godwit";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { startOurServer } from "../ours/our-server.js";

const root = fileURLToPath(new URL("..", import.meta.resolve("godwit/package.json")));
const buf = `${dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json"))}/bin/buf`;

interface CurlResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls a method of EchoService with `buf curl`, which is grpc-go underneath. */
function curl(port: number, method: string, data: string, ...more: string[]): Promise<CurlResult> {
  const url = `http://127.0.0.1:${port}/godwit.testing.v1.EchoService/${method}`;
  const args = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", "--schema", "proto", ...more, "-d", data, url];
  return new Promise((resolve) => {
    execFile(process.execPath, [buf, ...args], { cwd: root, timeout: 15_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

/** The JSON documents of the output, one behind another. */
function documents(stdout: string): unknown[] {
  return stdout
    .split(/(?<=^\})\n/m)
    .filter((text) => text.trim() !== "")
    .map((text) => JSON.parse(text) as unknown);
}

describe("buf curl, our server", () => {
  it("unary, with metadata both ways", async () => {
    await using server = await startOurServer({
      unary({ id, payload }, context) {
        context.setHeaders({ "x-echo": String(context.metadata.get("x-say")) });
        return { id, payload };
      },
    });
    const result = await curl(server.port, "Unary", '{"id": "7", "payload": "aGVsbG8="}', "-v", "-H", "x-say: hello");
    assert.equal(result.exitCode, 0, result.stderr);
    assert.deepEqual(documents(result.stdout), [{ id: "7", payload: "aGVsbG8=" }]);
    assert.match(result.stderr, /x-echo: hello/i);
  });

  it("an error with details", async () => {
    await using server = await startOurServer({
      unary() {
        const value = { reason: "GONE", domain: "example.com" };
        throw new StatusError(StatusCode.NOT_FOUND, "no item “7”", { details: [{ schema: ErrorInfoSchema, value }] });
      },
    });
    const result = await curl(server.port, "Unary", "{}");
    assert.notEqual(result.exitCode, 0);
    assert.equal(result.stdout, "");
    const error = JSON.parse(result.stderr) as { code: string; message: string; details: { type: string }[] };
    assert.equal(error.code, "not_found");
    assert.equal(error.message, "no item “7”");
    assert.equal(error.details[0]?.type, "google.rpc.ErrorInfo");
  });

  it("a server stream and a bidi stream", async () => {
    await using server = await startOurServer();
    const stream = await curl(server.port, "ServerStream", '{"count": 3, "size": 3}');
    assert.equal(stream.exitCode, 0, stream.stderr);
    assert.deepEqual(documents(stream.stdout), [
      { payload: "AAAA" },
      { index: 1, payload: "AAAA" },
      { index: 2, payload: "AAAA" },
    ]);
    const bidi = await curl(server.port, "Bidi", '{"index": 1} {"index": 2}');
    assert.equal(bidi.exitCode, 0, bidi.stderr);
    assert.deepEqual(documents(bidi.stdout), [{ index: 1 }, { index: 2 }]);
  });
});
