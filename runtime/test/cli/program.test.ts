import assert from "node:assert/strict";
import { type Command, CommandError, UsageError } from "../../src/cli/command.js";
import { runProgram } from "../../src/cli/program.js";

const run = (failure?: Error): Command["run"] => {
  return async (args, output) => {
    if (failure !== undefined) throw failure;
    output.print(`ran with ${args.join(" ")}`);
  };
};
const commands: readonly Command[] = [
  { name: "make", summary: "makes things", help: "Usage: godwit make", run: run() },
  { name: "misuse", summary: "is misused", help: "", run: run(new UsageError("--x is wrong")) },
  { name: "fail", summary: "fails", help: "", run: run(new CommandError("the disk is full")) },
  { name: "break", summary: "breaks", help: "", run: run(new TypeError("x is undefined")) },
];

async function program(...args: string[]): Promise<{ code: number; printed: string; complained: string }> {
  const result = { code: -1, printed: "", complained: "" };
  result.code = await runProgram(args, commands, "1.2.3", {
    print: (text) => {
      result.printed += text;
    },
    complain: (text) => {
      result.complained += text;
    },
  });
  return result;
}

describe("godwit on the command line", () => {
  it("prints help and version where they are asked for", async () => {
    for (const flag of ["--help", "-h", "help"]) {
      const { code, printed, complained } = await program(flag);
      assert.deepEqual([code, complained], [0, ""]);
      assert.match(printed, /^godwit 1\.2\.3: gRPC for TypeScript\.\n\nUsage: godwit <command>/);
      assert.match(printed, /^ {2}make {4}makes things$/m);
    }
    for (const flag of ["--version", "-v"]) {
      assert.deepEqual(await program(flag), { code: 0, printed: "godwit 1.2.3", complained: "" });
    }
  });

  it("says what there is when it is asked for nothing, or for what it has not", async () => {
    const { code, printed, complained } = await program();
    assert.deepEqual([code, printed], [2, ""]);
    assert.match(complained, /^godwit 1\.2\.3: gRPC for TypeScript/);
    assert.deepEqual(await program("serve"), {
      code: 2,
      printed: "",
      complained: 'godwit: there is no command "serve"; there are: make, misuse, fail, break',
    });
  });

  it("runs commands, or prints what they are", async () => {
    assert.deepEqual(await program("make", "a", "--b"), { code: 0, printed: "ran with a --b", complained: "" });
    for (const flag of ["--help", "-h"]) {
      assert.deepEqual(await program("make", "a", flag), { code: 0, printed: "Usage: godwit make", complained: "" });
    }
  });

  it("tells misuse from failure, and a fault of its own from both", async () => {
    assert.deepEqual(await program("misuse"), { code: 2, printed: "", complained: "godwit misuse: --x is wrong" });
    assert.deepEqual(await program("fail"), { code: 1, printed: "", complained: "godwit fail: the disk is full" });
    const { code, complained } = await program("break");
    assert.equal(code, 1);
    assert.match(complained, /^godwit break: x is undefinedTypeError: x is undefined\n +at /);
  });
});
