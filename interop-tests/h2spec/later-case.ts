/**
 * The one case that h2spec has had since 2.2.1, the last release that the Go module proxy gives out: a literal field whose
 * name is taken from an index that does not exist. Judged as h2spec judges: GOAWAY of that code, or the end.
 */
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { CaseResult } from "./case-result.js";
import type { Target } from "./server-suite.js";

const id = "hpack/2.3.3/2";
const title = "Sends a literal header field representation with invalid index";
const limitMs = 4_000;

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const settings = frame(0x4, 0, 0, []);
const settingsAck = frame(0x4, 0x1, 0, []);
// GET http /, :authority "h", and with incremental indexing a field "?: x" of name index 70 (RFC 7541 §2.3.3, §6.2.1).
const block = [0x82, 0x86, 0x84, 0x41, 0x01, 0x68, 0x7f, 0x07, 0x01, 0x78];
const endStreamAndHeaders = 0x5;
const headers = frame(0x1, endStreamAndHeaders, 1, block);
const goAway = 0x7;
const compressionError = 0x9;

function frame(type: number, flags: number, streamId: number, payload: readonly number[]): Buffer {
  return Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, streamId, ...payload]);
}

export function runLaterCase({ port, tls }: Target): Promise<CaseResult> {
  return new Promise((resolve) => {
    const socket = tls
      ? connectTls({ host: "127.0.0.1", port, ALPNProtocols: ["h2"], rejectUnauthorized: false })
      : connect(port, "127.0.0.1");
    let received: Buffer = Buffer.alloc(0);
    const finish = (passed: boolean, came: string): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve({ id, title, outcome: passed ? "passed" : "failed", detail: passed ? "" : `came ${came}` });
    };
    const limit = setTimeout(() => finish(false, "nothing"), limitMs);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      const code = goAwayCode(received);
      if (code !== undefined) finish(code === compressionError, `GOAWAY with code ${code}`);
    });
    socket.on("end", () => finish(true, ""));
    socket.on("error", () => finish(true, ""));
    socket.write(Buffer.concat([preface, settings, settingsAck, headers]));
  });
}

/** Error code of the first GOAWAY among frames (RFC 9113 §4.1, §6.8). */
function goAwayCode(bytes: Buffer): number | undefined {
  for (let start = 0; start + 9 <= bytes.length; ) {
    const end = start + 9 + bytes.readUIntBE(start, 3);
    if (bytes[start + 3] === goAway && end <= bytes.length) return bytes.readUInt32BE(start + 13);
    start = end;
  }
  return undefined;
}
