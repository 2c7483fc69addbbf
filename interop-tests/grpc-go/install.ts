/** Compiles the client of grpc-go, at the version that client/go.mod and go.sum name, into a folder that git ignores. */
import { buildGoModule, builtGoModule, type GoModule } from "../support/go-module.js";

const client: GoModule = {
  folder: "interop-tests/grpc-go/client",
  cache: "grpc-go",
  packages: ["."],
  wants: "grpc-go wants Go 1.26 or newer",
};

/** The client, if it has been built from what is there now. */
export function builtGoClient(): string | undefined {
  const folder = builtGoModule(client);
  return folder === undefined ? undefined : `${folder}/grpc-go`;
}

/** Throws a sentence when there is no Go compiler, or it fails. */
export function buildGoClient(): void {
  buildGoModule(client);
}
