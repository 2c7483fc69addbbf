/** The services of the interoperability tests as grpc-js knows them: read from the .proto at run time. */
import * as grpc from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";
import { root } from "../../matrix/cache-folder.js";

const definition = loadSync(
  ["grpc/testing/test.proto", "xds/service/orca/v3/orca.proto", "xds/data/orca/v3/orca_load_report.proto"],
  { includeDirs: [`${root}proto`], defaults: true, keepCase: true, longs: Number },
);

type Constructor = grpc.ServiceClientConstructor;

interface Loaded {
  readonly grpc: {
    readonly testing: { readonly TestService: Constructor; readonly UnimplementedService: Constructor };
  };
  readonly xds: { readonly service: { readonly orca: { readonly v3: { readonly OpenRcaService: Constructor } } } };
}

const loaded = grpc.loadPackageDefinition(definition) as unknown as Loaded;

export const { TestService, UnimplementedService } = loaded.grpc.testing;
export const { OpenRcaService } = loaded.xds.service.orca.v3;

const report = definition["xds.data.orca.v3.OrcaLoadReport"] as MessageTypeDefinition<object, LoadReport>;

export interface LoadReport {
  readonly cpu_utilization: number;
  readonly mem_utilization: number;
  readonly utilization: Readonly<Record<string, number>>;
  readonly request_cost: Readonly<Record<string, number>>;
}

export const readLoadReport = (bytes: Buffer): LoadReport => report.deserialize(bytes);

/** What a caller says of a response. */
export interface Parameters {
  readonly size?: number;
  readonly interval_us?: number;
  readonly fill_peer_socket_address?: { readonly value: boolean } | null;
}

export interface OrcaOrder {
  readonly cpu_utilization: number;
  readonly memory_utilization: number;
  readonly request_cost?: Readonly<Record<string, number>>;
  readonly utilization: Readonly<Record<string, number>>;
}

/** SimpleRequest, StreamingInputCallRequest and StreamingOutputCallRequest in one. */
export interface TestRequest {
  readonly payload?: { readonly body: Buffer } | null;
  readonly response_size?: number;
  readonly response_parameters?: readonly Parameters[];
  readonly response_status?: { readonly code: number; readonly message: string } | null;
  readonly fill_server_id?: boolean;
  readonly expect_compressed?: { readonly value: boolean } | null;
  readonly orca_per_query_report?: OrcaOrder | null;
  readonly orca_oob_report?: OrcaOrder | null;
}

/** The responses in one. */
export interface TestResponse {
  readonly payload?: { readonly body: Buffer } | null;
  readonly server_id?: string;
  readonly aggregated_payload_size?: number;
  readonly peer_socket_address?: string;
}
