/** Programs whose start is measured, and in what. */
export interface Subject {
  readonly name: string;
  /** In programs/, without its ending. */
  readonly program: string;
}

export interface Row {
  readonly id: string;
  readonly tls: boolean;
  /** As one file of esbuild's, instead of what npm installs. */
  readonly bundled: boolean;
  /** godwit first: the others are compared to it. */
  readonly subjects: readonly Subject[];
}

const client = (program: string): readonly Subject[] => [
  { name: "godwit", program },
  { name: "grpc-js", program: "grpc-js-client" },
  { name: "grpc-js, no protobuf", program: "grpc-js-bare-client" },
  { name: "protobuf-es alone", program: "protobuf-es" },
];
const server = (program: string): readonly Subject[] => [
  { name: "godwit", program },
  { name: "grpc-js", program: "grpc-js-server" },
];

/** Whose processor time is Node's own. */
export const empty: Subject = { name: "empty", program: "empty" };

const installed: readonly Row[] = [
  { id: "client", tls: false, bundled: false, subjects: client("godwit-client") },
  { id: "tls-client", tls: true, bundled: false, subjects: client("godwit-tls-client") },
  { id: "server", tls: false, bundled: false, subjects: server("godwit-server") },
  { id: "tls-server", tls: true, bundled: false, subjects: server("godwit-tls-server") },
];

export const rows: readonly Row[] = [
  ...installed,
  ...installed.map((row) => ({ ...row, id: `bundled-${row.id}`, bundled: true })),
];

export function needsServer({ id }: Row): boolean {
  return id.endsWith("client");
}
