import assert from "node:assert/strict";
import { request } from "node:http";
import { UsageError } from "../../../src/cli/command.js";
import { parseExplore } from "../../../src/cli/explore/explore.js";
import type { Catalog, EndEvent, MessageEvent, PageEvent, TypesView } from "../../../src/cli/explore/protocol.js";
import { echo, type OpenPage, openPage } from "./open-page.js";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** With exactly these headers: fetch would set or forbid some. */
function ask(url: string, method = "GET", headers: Record<string, string> = {}, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** What a page hears. */
class Listener {
  readonly events: PageEvent[] = [];
  readonly #url: string;
  readonly #waiting = new Set<() => void>();
  #close: () => void = () => {};

  constructor(url: string) {
    this.#url = url;
  }

  async open(): Promise<string> {
    const asked = request(`${this.#url}api/events`, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("error", () => {});
      response.on("data", (chunk: string) => {
        const parts = (text + chunk).split("\n\n");
        text = parts.pop() ?? "";
        for (const part of parts)
          if (part.startsWith("data: ")) this.events.push(JSON.parse(part.slice(6)) as PageEvent);
        for (const look of this.#waiting) look();
      });
    });
    asked.on("error", () => {});
    asked.end();
    this.#close = () => asked.destroy();
    const hello = await this.next("hello");
    return hello.page;
  }

  next<Type extends PageEvent["type"]>(type: Type): Promise<Extract<PageEvent, { type: Type }>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.events.find((event) => event.type === type);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found as Extract<PageEvent, { type: Type }>);
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(): void {
    this.#close();
  }
}

describe("godwit explore", () => {
  let page: OpenPage;
  let origin: string;

  beforeEach(async () => {
    page = await openPage("-H", "authorization: secret", "-t", "3s");
    ({ origin } = new URL(page.url));
  });

  afterEach(() => page[Symbol.asyncDispose]());

  const json = { "content-type": "application/json" };
  const post = (action: string, body: object) =>
    ask(`${page.url}api/${action}`, "POST", { ...json, origin }, JSON.stringify(body));

  describe("serves", () => {
    it("its files and nothing else, with a policy that lets nothing else in", async () => {
      for (const [path, type] of [
        ["", "text/html; charset=utf-8"],
        ["page.js", "text/javascript; charset=utf-8"],
        ["page.css", "text/css; charset=utf-8"],
      ] as const) {
        const { status, headers, text } = await ask(page.url + path);
        assert.deepEqual([status, headers["content-type"]], [200, type]);
        const policy = String(headers["content-security-policy"]);
        assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
        assert.doesNotMatch(policy, /unsafe/);
        assert.equal(headers["x-content-type-options"], "nosniff");
        assert.equal(headers["referrer-policy"], "no-referrer");
        assert.equal(headers["access-control-allow-origin"], undefined);
        if (path === "") assert.doesNotMatch(text, /\son\w+=|<style|style=/);
      }
      for (const path of ["../package.json", "%2e%2e/cli.js", "constructor"]) {
        assert.equal((await ask(page.url + path)).status, 404, path);
      }
    });

    it("what the server has, and what a method takes", async () => {
      const catalog = JSON.parse((await ask(`${page.url}api/catalog`)).text) as Catalog;
      assert.deepEqual([catalog.timeoutMs, catalog.headerNames], [3000, ["authorization"]]);
      assert.doesNotMatch(JSON.stringify(catalog), /secret/);
      const methods = catalog.services.find(({ name }) => name === echo)?.methods ?? [];
      assert.deepEqual(
        methods.map(({ name, kind, idempotency }) => [name, kind, idempotency]),
        [
          ["Unary", "unary", "IDEMPOTENT"],
          ["ServerStream", "server_streaming", "NO_SIDE_EFFECTS"],
          ["ClientStream", "client_streaming", ""],
          ["Bidi", "bidi_streaming", ""],
        ],
      );
      const types = JSON.parse((await ask(`${page.url}api/types?service=${echo}&method=Unary`)).text) as TypesView;
      assert.equal(types.messages[types.root]?.fields.length, 6);
      const { status, text } = await ask(`${page.url}api/types?service=${echo}&method=None`);
      assert.deepEqual([status, text], [400, `{"problem":"${echo} has no method None"}`]);
    });
  });

  describe("refuses", () => {
    it("a name that was bound to this machine", async () => {
      const { port } = new URL(page.url);
      for (const host of [`evil.example:${port}`, "127.0.0.1", `127.0.0.1.evil.example:${port}`]) {
        assert.equal((await ask(page.url, "GET", { host })).status, 403, host);
      }
      assert.equal((await ask(page.url, "GET", { host: `localhost:${port}` })).status, 200);
    });

    it("pages of other sites", async () => {
      for (const other of ["http://evil.example", "null", origin.replace("http", "https")]) {
        assert.equal((await ask(`${page.url}api/catalog`, "GET", { origin: other })).status, 403, other);
        assert.equal((await ask(`${page.url}api/start`, "POST", { ...json, origin: other }, "{}")).status, 403, other);
      }
      assert.equal((await ask(`${page.url}api/catalog`, "GET", { "sec-fetch-site": "cross-site" })).status, 403);
      assert.equal((await ask(`${page.url}api/start`, "POST", json, "{}")).status, 403);
      const form = { origin, "content-type": "text/plain" };
      assert.equal((await ask(`${page.url}api/start`, "POST", form, "{}")).status, 415);
      assert.equal((await ask(page.url, "PUT", { origin })).status, 405);
    });

    it("whoever does not know the secret in the URL", async () => {
      const { pathname } = new URL(page.url);
      for (const path of ["/", "/api/catalog", "/x/api/catalog", `${pathname.slice(0, -2)}/`, pathname.slice(0, -1)]) {
        const { status, text } = await ask(origin + path);
        assert.equal(status, 404, path);
        assert.doesNotMatch(text, /Echo/);
      }
      assert.ok(pathname.length >= 24);
      await using other = await openPage();
      assert.notEqual(new URL(other.url).pathname, pathname);
    });

    it("what is no request", async () => {
      const { status, text } = await ask(`${page.url}api/start`, "POST", { ...json, origin }, "{");
      assert.equal(status, 400);
      assert.match(text, /^\{"problem":/);
      assert.match((await post("start", { page: "99" })).text, /this page is not known: load it again/);
    });
  });

  describe("calls", () => {
    let listener: Listener;
    let id: string;
    const start = (method: string, more: object) =>
      post("start", {
        page: id,
        call: "1",
        service: echo,
        method,
        isFinished: true,
        metadata: [],
        messages: ["{}"],
        ...more,
      });

    beforeEach(async () => {
      listener = new Listener(page.url);
      id = await listener.open();
    });

    afterEach(() => listener.close());

    it("with metadata, and tells how it went", async () => {
      const { status } = await start("Unary", { messages: ['{"id":"7"}'], metadata: [["X-Say", "hello"]] });
      assert.equal(status, 200);
      const end: EndEvent = await listener.next("end");
      assert.deepEqual([end.code, end.name, end.messages, end.delivery, end.attempts], [0, "OK", 1, "processed", 1]);
      assert.deepEqual([end.headers, end.trailers], [[["x-echo", "hello"]], [["x-key-bin", "AAE="]]]);
      assert.ok(end.timings.some(([name]) => name === "totalMs"));
      const message: MessageEvent = await listener.next("message");
      assert.equal(message.text, '{\n  "id": "7"\n}');
    });

    it("and has details of errors, also of types that the server does not tell of", async () => {
      await start("Unary", { messages: ['{"id":"none"}'] });
      const { code, message, details } = await listener.next("end");
      assert.deepEqual([code, message], [5, "no such <b>thing</b>"]);
      assert.match(details[0]?.text ?? "", /"reason": "GONE"/);
      assert.match(details[1]?.text ?? "", /"field": "id"/);
    });

    it("nothing with a message that is none", async () => {
      const { status, text } = await start("Unary", { messages: ['{"no": 1}'] });
      assert.equal(status, 400);
      assert.match(text, /unknown/);
      assert.match((await start("Unary", { messages: [] })).text, /Unary takes one message/);
      assert.match((await start("None", {})).text, /has no method None/);
      assert.match((await start("Unary", { metadata: [["a b", "c"]] })).text, /problem/);
    });

    it("cuts what is too long to show", async () => {
      await start("Unary", { messages: ['{"responseSize": 1000000}'] });
      const { text, cut } = await listener.next("message");
      assert.equal(text.length, 256 * 1024);
      assert.ok(cut > 1_000_000);
    });

    it("streams message by message, until it is half-closed or cancelled", async () => {
      await start("Bidi", { messages: [], isFinished: false });
      const name = { page: id, call: "1" };
      for (const index of [1, 2])
        assert.equal((await post("send", { ...name, message: `{"index":${index}}` })).status, 200);
      assert.match((await post("send", { ...name, message: "{" })).text, /problem/);
      await post("finish", name);
      const { code, messages } = await listener.next("end");
      assert.deepEqual([code, messages], [0, 2]);
      assert.match((await post("send", { ...name, message: "{}" })).text, /the call has ended/);
      assert.equal((await post("cancel", name)).status, 200);
    });

    it("cancels what a page leaves behind", async () => {
      await start("Unary", { messages: ['{"id":"wait"}'], timeoutMs: undefined });
      listener.close();
      const deadline = Date.now() + 5000;
      while (page.cancelled.length === 0 && Date.now() < deadline)
        await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(page.cancelled, ["unary"]);
    });

    it("keeps deadlines", async () => {
      await start("Unary", { messages: ['{"id":"wait"}'], timeoutMs: 50 });
      assert.equal((await listener.next("end")).name, "DEADLINE_EXCEEDED");
    });

    it("asks channelz while somebody looks", async () => {
      const [look] = page.world.repeated;
      look?.();
      const { started, problem } = await listener.next("load");
      assert.equal(problem, undefined);
      assert.ok((started ?? 0) > 0);
    });
  });
});

describe("flags of godwit explore", () => {
  it("are those of other commands, and a port", () => {
    const { target, port, values } = parseExplore(["shop:443", "--tls", "--port", "8080"]);
    assert.deepEqual([target, port, values.tls], ["shop:443", 8080, true]);
    assert.equal(parseExplore(["shop:443"]).port, 0);
    for (const args of [[], ["a", "b"], ["a", "--port", "65536"], ["a", "--port", "x"], ["a", "--nonsense"]]) {
      assert.throws(() => parseExplore(args), UsageError, args.join(" "));
    }
  });
});
