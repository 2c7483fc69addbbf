import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { secureUrlProblem, shownUrl } from "../../src/base/http.js";
import { nodeFetch } from "../../src/net/node-fetch.js";

const limits = { timeoutMs: 10_000, maxBytes: 1000 };

describe("nodeFetch", () => {
  let server: Server;
  let url: string;
  let handler: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    server = createServer((request, response) => handler(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("posts, and reads status, headers and body", async () => {
    handler = async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(201, { "x-kind": "k" }).end(`${request.method} ${request.headers["x-a"]} ${body}`);
    };
    const answer = await nodeFetch({ method: "POST", url, headers: { "x-a": "1" }, body: "b=2", ...limits });
    assert.equal(answer.status, 201);
    assert.equal(answer.header("X-Kind"), "k");
    assert.equal(answer.header("x-none"), undefined);
    assert.equal(new TextDecoder().decode(answer.body), "POST 1 b=2");
  });

  it("takes an answer without a body", async () => {
    handler = (_request, response) => void response.writeHead(204).end();
    assert.equal((await nodeFetch({ method: "GET", url, ...limits })).body.length, 0);
  });

  it("follows no redirect", async () => {
    handler = (_request, response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end("moved");
    await assert.rejects(nodeFetch({ method: "GET", url: `${url}?secret=1`, ...limits }), {
      message: `GET ${url}: answered 302: redirects are not followed`,
    });
  });

  it("reads no more than the limit", async () => {
    handler = (_request, response) => void response.end("x".repeat(1001));
    await assert.rejects(nodeFetch({ method: "GET", url, ...limits }), {
      message: `GET ${url}: the answer is longer than 1000 bytes`,
    });
  });

  it("waits no longer than the limit, for the body either", async () => {
    handler = (_request, response) => void response.write("x");
    await assert.rejects(nodeFetch({ method: "GET", url, timeoutMs: 30, maxBytes: 10 }), {
      message: `GET ${url} was not answered within 30 ms`,
    });
  });

  it("says why there was no answer", async () => {
    handler = (request) => request.socket.destroy();
    await assert.rejects(
      nodeFetch({ method: "GET", url, ...limits }),
      /^Error: GET http:\/\/127\.0\.0\.1:\d+\/token: ./,
    );
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(nodeFetch({ method: "GET", url, ...limits }), {
      message: `GET ${url}: refused (ECONNREFUSED)`,
    });
    server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
  });

  it("asks nobody by a URL that others could read", async () => {
    await assert.rejects(nodeFetch({ method: "GET", url: "http://example.com/a?secret=1", ...limits }), {
      message: `URL http://example.com/a ${secureUrlProblem("http://example.com/a")}`,
    });
  });
});

describe("secureUrlProblem", () => {
  for (const url of [
    "https://example.com/token",
    "http://localhost:8080/",
    "http://127.0.0.1/",
    "http://127.255.0.9:1/",
    "http://[::1]:8080/",
    "http://0x7f000001/",
  ]) {
    it(`takes ${url}`, () => assert.equal(secureUrlProblem(url), undefined));
  }

  for (const [url, problem] of [
    ["http://example.com/", /^is http: expected https/],
    ["http://localhost.example.com/", /^is http/],
    ["http://127.0.0.1.example.com/", /^is http/],
    ["http://10.0.0.1/", /^is http/],
    ["http://[::2]/", /^is http/],
    ["ftp://localhost/", /^has the scheme "ftp"/],
    ["https://ann:s3cr3t@example.com/", /^has a user name or password in it$/],
    ["s3cr3t", /^is not a URL: expected https:\/\/host\/path$/],
  ] as const) {
    it(`refuses ${url} without a word of it`, () => {
      assert.match(secureUrlProblem(url) ?? "", problem);
      assert.doesNotMatch(secureUrlProblem(url) ?? "", /s3cr3t/);
    });
  }

  it("shows a URL without query, fragment and user", () => {
    assert.equal(shownUrl("https://a:b@h:8443/p/q?c=d#e"), "https://h:8443/p/q");
    assert.equal(shownUrl("nothing"), "an invalid URL");
  });
});
