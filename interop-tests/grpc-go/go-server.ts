/** EchoService by grpc-go, as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { CertificateFiles } from "../support/certificate-files.js";
import { buildGoModule } from "../support/go-module.js";

/** Gives the binary. Throws a sentence when it cannot be built. */
export function buildGoServer(): string {
  const folder = buildGoModule({
    folder: "interop-tests/grpc-go/server",
    cache: "grpc-go-server",
    packages: ["."],
    wants: "grpc-go wants Go 1.26 or newer",
  });
  return `${folder}/grpc-go-server`;
}

export interface GoServer extends AsyncDisposable {
  readonly port: number;
}

/** @param binary what buildGoServer gave. @param certificate for TLS; without it there is none. */
export async function startGoServer(binary: string, certificate?: CertificateFiles): Promise<GoServer> {
  const files = certificate === undefined ? [] : [certificate.chain, certificate.key];
  const child = spawn(binary, ["127.0.0.1:0", ...files], { stdio: ["pipe", "pipe", "inherit"] });
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
