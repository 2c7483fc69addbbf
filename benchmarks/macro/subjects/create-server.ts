import type { ServerOptions } from "godwit";
import type { NodeSubjectName, SubjectServer } from "./subject.js";

/** `options` are for servers of godwit. A process imports the library of its subject alone. */
export async function createServer(subject: NodeSubjectName, options: ServerOptions = {}): Promise<SubjectServer> {
  switch (subject) {
    case "godwit":
      return (await import("./godwit-server.js")).createGodwitServer(options);
    case "grpc-js":
      return (await import("./grpc-js-server.js")).createGrpcJsServer();
    case "nice-grpc":
      return (await import("./nice-grpc-server.js")).createNiceGrpcServer();
    case "connect-node":
      return (await import("./connect-node-server.js")).createConnectNodeServer();
    case "skeleton":
      return (await import("./skeleton/skeleton-server.js")).createSkeletonServer();
    case "raw-net":
      return (await import("./raw-net-server.js")).createRawNetServer();
  }
}
