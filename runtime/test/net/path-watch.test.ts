import assert from "node:assert/strict";
import {
  type FSWatcher,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  watch as watchFolder,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PathWatch, type PathWatchOptions } from "../../src/net/path-watch.js";

/** Notices alone: no look within the life of a test. */
const byNotice: PathWatchOptions = { pollMs: 3_600_000, watch: watchFolder };

/** Looks alone, as where the system has no more watches to give. */
const byLook: PathWatchOptions = {
  pollMs: 2,
  watch: (() => {
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  }) as unknown as typeof watchFolder,
};

for (const [name, options] of [
  ["by the system's notices", byNotice],
  ["by looking", byLook],
] as const) {
  describe(`PathWatch ${name}`, () => {
    let folder: string;
    let watch: PathWatch | undefined;
    let changes = 0;
    let heard: () => void = () => {};

    const start = async (path: string): Promise<void> => {
      changes = 0;
      watch = new PathWatch(path, () => onChange(), options);
      assert.equal(changes, 0, "nothing is told before it has returned");
      // The first look has to have ended: only what comes after it is a change.
      if (options === byLook) await change(() => {});
    };
    const onChange = (): void => {
      changes++;
      heard();
    };
    /** Resolves when a change has been heard of after `make`. */
    const change = async (make: () => void): Promise<void> => {
      const next = new Promise<void>((resolve) => {
        heard = resolve;
      });
      make();
      await next;
    };

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "godwit-watch-"));
    });

    afterEach(() => {
      watch?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("hears of a file that is written, replaced, removed and made anew", async () => {
      const path = join(folder, "a.json");
      writeFileSync(path, "1");
      await start(path);
      await change(() => writeFileSync(path, "22"));
      const replace = (text: string): void => {
        writeFileSync(join(folder, "b"), text);
        renameSync(join(folder, "b"), path);
      };
      // More than once: a watch of the file itself would be deaf after the first.
      for (const text of ["1", "22", "333"]) await change(() => replace(text));
      await change(() => unlinkSync(path));
      await change(() => writeFileSync(path, "1"));
    });

    it("hears of a file that was not there", async () => {
      const path = join(folder, "a.json");
      await start(path);
      await change(() => writeFileSync(path, "1"));
    });

    it("hears of a swap of Kubernetes' ..data link", async () => {
      const publish = (version: string, text: string): void => {
        mkdirSync(join(folder, version));
        writeFileSync(join(folder, version, "shop.json"), text);
        symlinkSync(version, join(folder, "..data_tmp"));
        renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
      };
      publish("..2026_01", "1");
      const path = join(folder, "shop.json");
      symlinkSync(join("..data", "shop.json"), path);
      await start(path);
      await change(() => publish("..2026_02", "22"));
      await change(() => publish("..2026_03", "333"));
    });

    it("hears of files that come, change and go in a folder", async () => {
      writeFileSync(join(folder, "b.json"), "1");
      await start(`${folder}/`);
      await change(() => writeFileSync(join(folder, "a.json"), "1"));
      await change(() => writeFileSync(join(folder, "a.json"), "22"));
      await change(() => unlinkSync(join(folder, "a.json")));
    });

    it("hears of a folder that was not there, and of what comes into it", async () => {
      const path = join(folder, "shop");
      await start(`${path}/`);
      await change(() => mkdirSync(path));
      for (const file of ["a.json", "b.json"]) await change(() => writeFileSync(join(path, file), "1"));
      await change(() => unlinkSync(join(path, "a.json")));
      await change(() => {
        renameSync(path, join(folder, "old"));
        mkdirSync(path);
      });
      await change(() => writeFileSync(join(path, "c.json"), "1"));
    });

    it("hears nothing after its close", async () => {
      const path = join(folder, "a.json");
      await start(path);
      watch?.close();
      const before = changes;
      writeFileSync(path, "1");
      // Whoever still listens hears of it.
      const other = new PathWatch(path, () => heard(), options);
      await change(() => writeFileSync(path, "22"));
      other.close();
      assert.equal(changes, before);
    });
  });
}

describe("PathWatch", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-watch-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("goes on with a folder that was put in the place of another, or comes later", async () => {
    const path = join(folder, "shops", "a.json");
    let heard = (): void => {};
    const watched: string[] = [];
    const watch = ((...args: Parameters<typeof watchFolder>): FSWatcher => {
      const watcher = watchFolder(...args);
      watched.push(String(args[0]));
      return watcher;
    }) as typeof watchFolder;
    const watching = new PathWatch(path, () => heard(), { pollMs: 2, watch });
    const change = async (make: () => void): Promise<void> => {
      const next = new Promise<void>((resolve) => {
        heard = resolve;
      });
      make();
      await next;
    };
    await change(() => {
      mkdirSync(dirname(path));
      writeFileSync(path, "1");
    });
    await change(() => {
      renameSync(dirname(path), join(folder, "old"));
      mkdirSync(dirname(path));
      writeFileSync(path, "22");
    });
    watching.close();
    assert.ok(watched.includes(dirname(path)));
  });
});
