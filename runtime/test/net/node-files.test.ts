import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeFiles } from "../../src/net/node-files.js";

describe("NodeFiles", () => {
  const files = new NodeFiles();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-files-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString());

  it("reads a file, up to a limit, and nothing where there is none", async () => {
    const path = join(folder, "a");
    writeFileSync(path, "hello");
    assert.equal(text(await files.read(path, 5)), "hello");
    await assert.rejects(files.read(path, 4), { message: `cannot read ${path}: it is 5 bytes long, limit 4` });
    assert.equal(await files.read(join(folder, "b"), 5), undefined);
    await assert.rejects(files.read(folder, 1_000_000), { message: `cannot read ${folder}: it is a folder` });
  });

  it("does not wait for what is no file (Windows has no FIFOs in folders)", async function () {
    if (process.platform === "win32") this.skip();
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    await assert.rejects(files.read(path, 5), { message: `cannot read ${path}: it is not a file` });
    await assert.rejects(files.read("/dev/zero", 5), { message: "cannot read /dev/zero: it is not a file" });
  });

  it("lists a folder, and nothing where there is none", async () => {
    writeFileSync(join(folder, "a"), "");
    mkdirSync(join(folder, "b"));
    assert.deepEqual([...((await files.list(folder)) ?? [])].sort(), ["a", "b"]);
    assert.equal(await files.list(join(folder, "c")), undefined);
    const path = join(folder, "a");
    await assert.rejects(files.list(path), { message: `cannot list ${path}: it is not a folder (ENOTDIR)` });
  });

  it("replaces a file in one step, makes the folders on its way, and leaves nothing else behind", async () => {
    const path = join(folder, "x", "y", "a.json");
    await files.replace(path, Buffer.from("one"));
    await Promise.all(Array.from({ length: 20 }, (_, i) => files.replace(path, Buffer.from(`text ${i}`))));
    assert.match(text(await files.read(path, 100)) ?? "", /^text \d+$/);
    assert.deepEqual(readdirSync(join(folder, "x", "y")), ["a.json"]);
  });

  it("never shows a part of a file that is being replaced", async () => {
    const path = join(folder, "a");
    const contents = ["a", "b"].map((letter) => letter.repeat(200_000));
    await files.replace(path, Buffer.from(contents[0] ?? ""));
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await files.replace(path, Buffer.from(contents[i % 2] ?? ""));
    })();
    for (let i = 0; i < 20; i++) assert.ok(contents.includes(text(await files.read(path, 200_000)) ?? ""));
    await writing;
  });

  it("says why a file cannot be replaced, and leaves nothing behind", async () => {
    writeFileSync(join(folder, "a"), "");
    const path = join(folder, "a", "b");
    await assert.rejects(files.replace(path, Buffer.from("x")), /^Error: cannot write .*\/a\/b: /);
    mkdirSync(join(folder, "c"));
    await assert.rejects(
      files.replace(join(folder, "c"), Buffer.from("x")),
      /^Error: cannot write .*\/c: it is a folder/,
    );
    assert.deepEqual(readdirSync(folder).sort(), ["a", "c"]);
  });

  it("removes a file, and does nothing where there is none", async () => {
    const path = join(folder, "a");
    writeFileSync(path, "");
    await files.remove(path);
    await files.remove(path);
    assert.deepEqual(readdirSync(folder), []);
    await assert.rejects(files.remove(folder), { message: new RegExp(`^cannot remove ${folder}: `) });
  });
});
