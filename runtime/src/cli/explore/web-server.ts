import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { EventStream } from "./event-stream.js";
import type { Explorer } from "./explorer.js";
import { admit, securityHeaders } from "./guard.js";
import type { CallRequest, StartRequest } from "./protocol.js";

/** Bytes of one request of the page: its messages are in it. */
const maxBodyBytes = 16 * 1024 * 1024;

/** What the page is made of, by name. */
export type PageFiles = ReadonlyMap<string, { readonly contentType: string; readonly text: string }>;

/** The page and its API on a port of loopback. */
export class WebServer {
  readonly #explorer: Explorer;
  readonly #files: PageFiles;
  readonly #token: string;
  readonly #server: Server;

  constructor(explorer: Explorer, files: PageFiles, token: string) {
    this.#explorer = explorer;
    this.#files = files;
    this.#token = token;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => refuse(response, 400, textOfThrown(error)));
    });
  }

  /** Returns the URL. Rejects with the system's error. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${this.#port}/${this.#token}/`;
  }

  async close(): Promise<void> {
    this.#explorer.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admitted = admit(request, this.#port, this.#token);
    if ("status" in admitted) return refuse(response, admitted.status, admitted.reason);
    const { path } = admitted;
    if (request.method === "POST") return this.#act(path, request, response);
    if (path === "api/catalog") return reply(response, 200, await this.#explorer.catalog());
    if (path === "api/types") return reply(response, 200, await this.#types(request));
    if (path === "api/events") {
      const end = this.#explorer.open(new EventStream(response, securityHeaders));
      response.on("close", end);
      return;
    }
    const file = this.#files.get(path === "" ? "page.html" : path);
    if (file === undefined) return refuse(response, 404, "there is no such page");
    response.writeHead(200, { ...securityHeaders, "content-type": file.contentType });
    response.end(file.text);
  }

  #types({ url = "" }: IncomingMessage): Promise<unknown> {
    const { searchParams } = new URL(url, "http://localhost");
    return this.#explorer.types(searchParams.get("service") ?? "", searchParams.get("method") ?? "");
  }

  async #act(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request);
    if (text === undefined) return refuse(response, 413, `a request has more than ${maxBodyBytes} bytes`);
    const body = JSON.parse(text) as CallRequest | StartRequest;
    await this.#explorer.act(path.replace(/^api\//, ""), body);
    reply(response, 200, {});
  }
}

/** To its end, so that the page hears of what is wrong. Undefined: it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks).toString("utf8");
}

function refuse(response: ServerResponse, status: number, problem: string): void {
  reply(response, status, { problem });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { ...securityHeaders, "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
