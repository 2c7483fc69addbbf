import type { FuzzTarget } from "../target.js";

/** Targets by name. Loaded when they are wanted: coverage counts only what is loaded after it was started. */
export const targetNames = ["frames", "hpack", "deframer", "grpc-values", "protobuf", "splits", "turns"] as const;

export type TargetName = (typeof targetNames)[number];

export async function loadTarget(name: TargetName): Promise<FuzzTarget> {
  switch (name) {
    case "frames":
      return new (await import("./frames/frames-target.js")).FramesTarget();
    case "hpack":
      return new (await import("./hpack/hpack-target.js")).HpackTarget();
    case "deframer":
      return new (await import("./deframer-target.js")).DeframerTarget();
    case "grpc-values":
      return new (await import("./grpc-values-target.js")).GrpcValuesTarget();
    case "protobuf":
      return new (await import("./protobuf/protobuf-target.js")).ProtobufTarget();
    case "splits":
      return new (await import("./splits/splits-target.js")).SplitsTarget();
    case "turns":
      return new (await import("./turns/turns-target.js")).TurnsTarget();
  }
}
