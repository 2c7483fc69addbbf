/** Compiles the tools that are programs in Go, at the versions that the go.mod files name. */
import { buildGoModule, type GoModule } from "../support/go-module.js";

const wants = "the tools are programs in Go 1.26 or newer";

const common: GoModule = {
  folder: "interop-tests/tools/suite",
  cache: "tools/common",
  packages: ["github.com/fullstorydev/grpcurl/cmd/grpcurl", "github.com/grpc-ecosystem/grpc-health-probe", "."],
  wants,
};

/** Wants another grpc-go than the others. */
const load: GoModule = {
  folder: "interop-tests/tools/ghz",
  cache: "tools/ghz",
  packages: ["github.com/bojand/ghz/cmd/ghz"],
  wants,
};

const binaryLog: GoModule = { folder: "interop-tests/tools/binlog", cache: "tools/binlog", packages: ["."], wants };

export interface Tools {
  readonly grpcurl: string;
  readonly healthProbe: string;
  readonly goPeer: string;
  readonly ghz: string;
  readonly binaryLog: string;
}

/** Throws a sentence when there is no compiler and none can be had. */
export function installTools(): Tools {
  const folder = buildGoModule(common);
  return {
    grpcurl: `${folder}/grpcurl`,
    healthProbe: `${folder}/grpc-health-probe`,
    goPeer: `${folder}/go-peer`,
    ghz: `${buildGoModule(load)}/ghz`,
    binaryLog: `${buildGoModule(binaryLog)}/binlog`,
  };
}
