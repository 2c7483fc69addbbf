import assert from "node:assert/strict";
import { maxReplyBytes, ProxyReply } from "../../src/net/proxy-reply.js";

/** What a reply comes to that arrives in these pieces; the rest as text. */
function outcome(...pieces: string[]): string {
  const reply = new ProxyReply();
  for (const [i, piece] of pieces.entries()) {
    const result = reply.push(Buffer.from(piece, "latin1"));
    if (result === "more") continue;
    if ("error" in result) return result.error;
    return `open ${JSON.stringify(Buffer.from(result.rest).toString("latin1") + pieces.slice(i + 1).join(""))}`;
  }
  return "more";
}

/** The same whole and split at every byte, and in single bytes. */
function everyOutcome(text: string): string {
  const whole = outcome(text);
  for (let at = 1; at < text.length; at++)
    assert.equal(outcome(text.slice(0, at), text.slice(at)), whole, `split at ${at}`);
  assert.equal(outcome(...text), whole, "in single bytes");
  return whole;
}

describe("ProxyReply", () => {
  const replies: readonly [string, string][] = [
    ["HTTP/1.1 200 Connection established\r\n\r\n", 'open ""'],
    ["HTTP/1.0 200\r\nProxy-Agent: x\r\n\r\nearly", 'open "early"'],
    ["HTTP/1.1 200 OK\n\n\n", 'open "\\n"'],
    ["HTTP/1.1 204 \r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nPRI", 'open "PRI"'],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", 'open "x"'],
    ["HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nsorry", 'answered 403 "Forbidden", expected 200'],
    ["HTTP/1.1 502\r\n\r\n", "answered 502, expected 200"],
    ["HTTP/1.1 302 Found\r\nLocation: http://evil/\r\n\r\n", 'answered 302 "Found", expected 200'],
    [
      "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
      'answered 407 "Proxy Authentication Required", expected 200 (it wants other credentials than the proxy\'s URL has)',
    ],
  ];
  for (const [text, expected] of replies) {
    it(`of ${JSON.stringify(text)}: ${expected}`, () => assert.equal(everyOutcome(text), expected));
  }

  it("waits for the end of the head", () => {
    for (const text of [
      "",
      "H",
      "HTTP/1.1 200 OK",
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 200 OK\r\n\r",
      "HTTP/1.1 100 x\r\n\r\n",
    ]) {
      assert.equal(outcome(text), "more");
    }
  });

  it("tells at once what is no HTTP/1", () => {
    assert.equal(
      outcome("SSH-2.0-OpenSSH_9.2\r\n"),
      'does not speak HTTP/1.1: its answer begins with "SSH-2.0-OpenSSH_9.2.."',
    );
    assert.equal(outcome("\u0000\u0000"), 'does not speak HTTP/1.1: its answer begins with ".."');
    assert.match(outcome("HTTP/2 200\r\n\r\n"), /does not speak HTTP\/1.1/);
    assert.match(outcome("HTTP/1.1 20 OK\r\n\r\n"), /begins with "HTTP\/1.1 20 OK/);
    assert.match(outcome("HTTP/1.1 2000 OK\r\n\r\n"), /does not speak/);
    const long = outcome("x".repeat(1000));
    assert.equal(long, `does not speak HTTP/1.1: its answer begins with "${"x".repeat(60)}"…`);
  });

  it("reads no more of a head than the limit", () => {
    const head = (bytes: number) => {
      const frame = "HTTP/1.1 200 OK\r\nx: \r\n\r\n";
      return `HTTP/1.1 200 OK\r\nx: ${"y".repeat(bytes - frame.length)}\r\n\r\n`;
    };
    const tooLong = `answered with a header section of more than ${maxReplyBytes} bytes`;
    assert.equal(outcome(head(maxReplyBytes)), 'open ""');
    assert.equal(outcome(head(maxReplyBytes + 1)), tooLong);
    assert.equal(outcome(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(10_000)}`), tooLong);
    const interim = "HTTP/1.1 102 Processing\r\n\r\n";
    assert.equal(outcome(interim.repeat(1000)), tooLong);
  });

  it("repeats no control characters of a reason", () => {
    assert.equal(outcome("HTTP/1.1 500 \u001b[31mred\u0007\r\n\r\n"), 'answered 500 ".[31mred.", expected 200');
    assert.equal(outcome(`HTTP/1.1 500 ${"r".repeat(61)}\r\n\r\n`), `answered 500 "${"r".repeat(60)}"…, expected 200`);
  });
});
