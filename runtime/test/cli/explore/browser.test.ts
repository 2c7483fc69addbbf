/** The page of `godwit explore` in a headless Chromium. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { echo, type OpenPage, openPage } from "./open-page.js";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"].concat(
  ["background-networking", "component-update", "sync"].map((name) => `--disable-${name}`),
);
const reason = executablePath === undefined ? " (skipped: there is no Chromium: apt-get install chromium)" : "";

describe(`the page of godwit explore in Chromium${reason}`, function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  let served: OpenPage;
  let page: Page;
  /** What the browser complained of: scripts that failed, and what the page's policy forbade. */
  let complaints: string[];

  before(async function () {
    if (executablePath === undefined) this.skip();
    browser = await chromium.launch({ executablePath, args });
  });

  after(() => browser?.close());

  beforeEach(async () => {
    served = await openPage();
    page = await open({});
  });

  afterEach(async () => {
    await page.context().close();
    await served[Symbol.asyncDispose]();
    assert.deepEqual(complaints, []);
  });

  async function open(options: BrowserContextOptions): Promise<Page> {
    assert.ok(browser);
    const opened = await (await browser.newContext(options)).newPage();
    complaints = [];
    opened.setDefaultTimeout(8000);
    opened.on("pageerror", (error) => complaints.push(error.message));
    opened.on("console", (message) => {
      const text = message.text();
      // An answer of 400 is how the page hears that a message is none.
      const isAnswer = text.startsWith("Failed to load resource");
      if (!isAnswer && (message.type() === "error" || message.type() === "warning")) complaints.push(text);
    });
    await opened.goto(served.url);
    await opened.getByText("connected to godwit").waitFor();
    return opened;
  }

  async function choose(method: string): Promise<void> {
    await page.getByRole("link", { name: new RegExp(`^${method}\\b`) }).click();
    await page.getByRole("heading", { name: method, exact: true }).waitFor();
  }

  const json = () => page.getByRole("textbox", { name: "JSON" });
  const status = () => page.locator(".answer .chip");
  const answers = () => page.locator(".messages pre");

  async function ended(text: string): Promise<void> {
    await status().filter({ hasText: text }).waitFor();
  }

  it("calls a unary method from its form, and says how it went", async () => {
    await choose("Unary");
    await page.getByLabel(/^id/).fill("7");
    await page.getByLabel(/^payload/).fill("hi ✓");
    await page.getByLabel(/^responseSize/).fill("x");
    assert.equal(await page.getByLabel(/^responseSize/).getAttribute("aria-invalid"), "true");
    await page.getByLabel(/^responseSize/).fill("");
    assert.deepEqual(JSON.parse(await json().inputValue()), { id: "7", payload: "aGkg4pyT" });
    await page.getByRole("button", { name: "Add metadata" }).click();
    await page.getByLabel("Metadata name").fill("x-say");
    await page.getByLabel("Metadata value").fill("hello");
    await page.getByRole("button", { name: "Send" }).click();
    await ended("0 OK");
    assert.deepEqual(JSON.parse((await answers().textContent()) ?? ""), { id: "7", payload: "aGkg4pyT" });
    for (const text of ["x-echo", "hello", "x-key-bin", "AAE=", "processed"]) {
      await page.locator(".end").getByText(text, { exact: true }).waitFor();
    }
  });

  it("has the form follow the JSON, and says what is wrong in it", async () => {
    await choose("Unary");
    await json().fill('{"id": "9", "failWithCode": 5}');
    assert.equal(await page.getByLabel(/^id/).inputValue(), "9");
    assert.equal(await page.getByLabel(/^failWithCode/).inputValue(), "5");
    await json().fill('{"id": ');
    assert.equal(await json().getAttribute("aria-invalid"), "true");
    await json().fill('{"nonsense": 1}');
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".answer .problem").filter({ hasText: "nonsense" }).waitFor();
  });

  it("has forms of messages in messages, lists, maps, oneofs and well-known types", async () => {
    await choose("EchoWellKnown");
    await page.getByRole("button", { name: "Set duration" }).click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("2.5s");
    await page.getByRole("button", { name: "Set uint64Value" }).click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("18446744073709551615");
    for (const text of ["1", "2", "3"]) {
      await page.getByRole("button", { name: "Add to int64Values" }).click();
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(text);
    }
    await page.getByRole("button", { name: "Remove int64Values 2" }).click();
    await page.getByRole("button", { name: "Add to mapStrings" }).click();
    await page.keyboard.type("color");
    await page.keyboard.press("Tab");
    await page.getByRole("textbox", { name: "mapStrings value 1" }).fill("red");
    await page.getByLabel(/^choice one of/).selectOption("choiceString");
    await page
      .getByRole("group", { name: /^choiceString/ })
      .getByRole("textbox")
      .fill("this");
    const expected = {
      duration: "2.500s",
      uint64Value: "18446744073709551615",
      int64Values: ["1", "3"],
      mapStrings: { color: "red" },
      choiceString: "this",
    };
    assert.deepEqual(JSON.parse(await json().inputValue()), { ...expected, duration: "2.5s" });
    await page.getByRole("button", { name: "Send" }).click();
    await ended("0 OK");
    assert.deepEqual(JSON.parse((await answers().textContent()) ?? ""), expected);
    await page.getByRole("button", { name: "Remove duration" }).click();
    assert.ok(!("duration" in JSON.parse(await json().inputValue())));
    await choose("EchoTree");
    await page.getByRole("button", { name: "Set left" }).click();
    await page.keyboard.type("leaf");
    assert.deepEqual(JSON.parse(await json().inputValue()), { left: { name: "leaf" } });
  });

  it("shows what a server sends as text, and the details of an error", async () => {
    await choose("Unary");
    await json().fill('{"id": "none"}');
    await page.getByRole("button", { name: "Send" }).click();
    await ended("5 NOT_FOUND");
    await page.getByText("no such <b>thing</b>").waitFor();
    await page.getByRole("heading", { name: "google.rpc.ErrorInfo" }).waitFor();
    await page.locator(".detail pre").filter({ hasText: '"reason": "GONE"' }).waitFor();
    await page.locator(".detail pre").filter({ hasText: '"description": "is not known"' }).waitFor();
    await json().fill('{"id": "markup"}');
    await page.getByRole("button", { name: "Send" }).click();
    await ended("0 OK");
    assert.match((await answers().textContent()) ?? "", /<img src=x onerror=alert\(1\)>/);
    assert.equal(await page.locator("img").count(), 0);
  });

  it("shows the messages of a stream as they come, and the last of many", async () => {
    await choose("ServerStream");
    await json().fill('{"count": 300, "size": 1}');
    await page.getByRole("button", { name: "Send" }).click();
    await ended("0 OK");
    assert.equal(await answers().count(), 200);
    await page.getByText("100 earlier messages are not shown.").waitFor();
    await page.getByText("300 messages in").waitFor();
  });

  it("sends a stream message by message, and half-closes", async () => {
    await choose("ClientStream");
    await page.getByLabel(/^payload/).fill("abc");
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByText("1 message sent").waitFor();
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByText("2 messages sent").waitFor();
    await page.getByRole("button", { name: "Half-close" }).click();
    await ended("0 OK");
    assert.deepEqual(JSON.parse((await answers().textContent()) ?? ""), { messages: 2, bytes: "6" });
  });

  it("converses, and cancels", async () => {
    await choose("Bidi");
    await page.getByLabel(/^index/).fill("1");
    await page.getByRole("button", { name: "Send message" }).click();
    await answers().filter({ hasText: '"index": 1' }).waitFor();
    await page.getByLabel(/^index/).fill("2");
    await page.getByRole("button", { name: "Send message" }).click();
    await answers().filter({ hasText: '"index": 2' }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await ended("1 CANCELLED");
  });

  it("needs no mouse", async () => {
    const { keyboard } = page;
    await page.getByRole("link", { name: /Unary/ }).waitFor();
    await keyboard.press("/");
    await keyboard.type("unary");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "Unary", exact: true }).waitFor();
    await page.locator(":focus").and(page.getByLabel(/^id/)).waitFor();
    await keyboard.type("wait");
    await keyboard.press("Control+Enter");
    await ended("running");
    await keyboard.press("Escape");
    await ended("1 CANCELLED");
    const outline = await page.locator(":focus").evaluate((focused) => {
      const { getComputedStyle } = focused.ownerDocument.defaultView as unknown as {
        getComputedStyle(of: unknown): { outlineStyle: string };
      };
      return getComputedStyle(focused).outlineStyle;
    });
    assert.equal(outline, "solid");
  });

  it("reaches every control with Tab", async () => {
    await choose("ClientStream");
    const seen = new Set<string>();
    await page.locator("body").evaluate((body) => (body as { focus(): void }).focus());
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press("Tab");
      seen.add(
        (await page
          .locator(":focus")
          .first()
          .textContent({ timeout: 200 })
          .catch(() => "")) ?? "",
      );
    }
    for (const text of ["Send message", "Half-close", "Add metadata"]) assert.ok(seen.has(text), text);
  });

  it("has a name for each control, and landmarks", async () => {
    await choose("Unary");
    const tree = await page.locator("body").ariaSnapshot();
    for (const part of ["banner", "navigation", "main", "region"]) assert.match(tree, new RegExp(`- ${part}`), part);
    assert.doesNotMatch(tree, /- (button|textbox|combobox|checkbox|searchbox)$/m);
  });

  it("charts its calls, and what the server says of itself", async () => {
    await choose("Unary");
    await page.getByRole("button", { name: "Send" }).click();
    await ended("0 OK");
    await page
      .getByRole("img", { name: /^Rate: calls \d/ })
      .first()
      .waitFor();
    const [look] = served.world.repeated;
    look?.();
    await page.getByText(/\d+ in flight/).waitFor();
  });

  it("is dark where that is preferred, and fits a phone", async () => {
    const background = (of: Page) =>
      of.locator("body").evaluate((body) => {
        const { getComputedStyle } = body.ownerDocument.defaultView as unknown as {
          getComputedStyle(of: unknown): { backgroundColor: string };
        };
        return getComputedStyle(body).backgroundColor;
      });
    const light = await background(page);
    await page.context().close();
    page = await open({ colorScheme: "dark", viewport: { width: 360, height: 740 } });
    assert.notEqual(await background(page), light);
    await page.getByText("Methods", { exact: true }).click();
    await choose("Unary");
    const width = await page
      .locator("html")
      .evaluate((html) => (html as unknown as { scrollWidth: number }).scrollWidth);
    assert.ok(width <= 360, `the page is ${width} pixels wide`);
  });

  it("says what is wrong where the server has no reflection, or has gone", async () => {
    await served.server.close({ graceMs: 0 });
    await page.reload();
    await page.getByRole("heading", { name: "The server does not tell what it has" }).waitFor();
    await page.getByText(/UNAVAILABLE/).waitFor();
  });

  it(`keeps what was written for ${echo}'s methods`, async () => {
    await choose("Unary");
    await page.getByLabel(/^id/).fill("kept");
    await choose("Bidi");
    await choose("Unary");
    assert.equal(await page.getByLabel(/^id/).inputValue(), "kept");
  });
});
