import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { StatusCode } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import type { RemoteSchema } from "../../services/reflection.js";
import { commentOf } from "./comments.js";
import type { MethodView, ServiceView } from "./protocol.js";

/** Services that are told of. */
const maxServices = 500;

/** What the server has. One service that cannot be had does not hide the others. Rejects with one sentence. */
export async function readCatalog(schema: RemoteSchema): Promise<ServiceView[]> {
  const names = await listServices(schema);
  const services: ServiceView[] = [];
  // One after another: a file that several share is asked for once.
  for (const name of names.slice(0, maxServices)) services.push(await readService(schema, name));
  return services;
}

async function listServices(schema: RemoteSchema): Promise<readonly string[]> {
  try {
    return await schema.services();
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== StatusCode.UNIMPLEMENTED) throw error;
    throw new Error(`the server has no reflection, which tells what its services are: ${error.message}`);
  }
}

async function readService(schema: RemoteSchema, name: string): Promise<ServiceView> {
  try {
    return describeService(await schema.service(name));
  } catch (error) {
    return { name, comment: "", methods: [], problem: textOfThrown(error) };
  }
}

function describeService(desc: DescService): ServiceView {
  return { name: desc.typeName, comment: commentOf(desc), methods: desc.methods.map(describeMethod) };
}

function describeMethod(desc: DescMethod): MethodView {
  return {
    name: desc.name,
    kind: desc.methodKind,
    comment: commentOf(desc),
    isDeprecated: desc.deprecated || desc.parent.deprecated,
    idempotency:
      desc.idempotency === Level.NO_SIDE_EFFECTS
        ? "NO_SIDE_EFFECTS"
        : desc.idempotency === Level.IDEMPOTENT
          ? "IDEMPOTENT"
          : "",
    input: desc.input.typeName,
    output: desc.output.typeName,
  };
}
