/** Compiles h2spec and h2specd, at the versions that suite/go.mod and go.sum name, into a folder that git ignores. */
import { buildGoModule } from "../support/go-module.js";

export interface Binaries {
  readonly h2spec: string;
  readonly h2specd: string;
}

/** Throws a sentence when there is no Go compiler and none can be had. */
export function installSuite(): Binaries {
  const folder = buildGoModule({
    folder: "interop-tests/h2spec/suite",
    cache: "h2spec",
    packages: ["github.com/summerwind/h2spec/cmd/h2spec", "github.com/summerwind/h2spec/cmd/h2specd"],
    wants: "h2spec is a program in Go 1.19 or newer",
  });
  return { h2spec: `${folder}/h2spec`, h2specd: `${folder}/h2specd` };
}
