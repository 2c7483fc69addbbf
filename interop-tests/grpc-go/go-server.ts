/** EchoService by grpc-go, as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { GoProgram } from "../support/go-program.js";

export const goServerProgram = new GoProgram("grpc-go/server", "grpc-go-server");

export interface GoServer extends AsyncDisposable {
  readonly port: number;
}

/** @param binary what goServerProgram has built. */
export async function startGoServer(binary: string): Promise<GoServer> {
  const child = spawn(binary, ["127.0.0.1:0"], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const port = Number(/^listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}
