/** Who is tested, and what is expected of it. */
import { fileURLToPath } from "node:url";
import type { ExpectedNonPass } from "./case-result.js";
import { grpcClientNonPasses, grpcServerNonPasses } from "./expected.js";

export interface Subject {
  readonly name: string;
  readonly role: "server" | "client";
  readonly program: string;
  /** Whether a server is reached over TLS. */
  readonly tls?: boolean;
  /** Undefined for a control: its score is shown and nothing is expected of it. */
  readonly expected: readonly ExpectedNonPass[] | undefined;
}

const program = (name: string): string => fileURLToPath(new URL(`subjects/${name}.js`, import.meta.url));

export const ours: readonly Subject[] = [
  { name: "HTTP/2 core", role: "server", program: program("core-server"), expected: [] },
  { name: "HTTP/2 core over TLS", role: "server", program: program("core-server-tls"), tls: true, expected: [] },
  { name: "gRPC", role: "server", program: program("grpc-server"), expected: grpcServerNonPasses },
  { name: "HTTP/2 core", role: "client", program: program("core-client"), expected: [] },
  { name: "gRPC", role: "client", program: program("grpc-client"), expected: grpcClientNonPasses },
];

/** What the same harness says of others: tells a fault of the harness from one of ours. */
export const controls: readonly Subject[] = [
  { name: "node:http2", role: "server", program: program("node-http2-server"), expected: undefined },
  { name: "grpc-js", role: "server", program: program("grpc-js-server"), expected: undefined },
  { name: "grpc-js", role: "client", program: program("grpc-js-client"), expected: undefined },
];
